from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attain.core.ragged import pick


@given(lists=st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=8), data=st.data())
def test_what_is_picked_are_the_lists_one_after_the_other(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=12))
    flat = np.array([value for many in lists for value in many], dtype=int)
    start = np.concatenate([[0], np.cumsum([len(many) for many in lists])]).astype(int)
    places, begins = pick(start, np.array(rows, dtype=int))
    found = [flat[places[low:high]].tolist() for low, high in pairwise(begins)]
    assert found == [lists[row] for row in rows]
    assert begins[-1] == len(places)
