import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attain.suite.items.ranks import ranks


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2), st.booleans()), min_size=1, max_size=30))
def test_places_agree_with_counting(items: list[tuple[float, float, bool]]) -> None:
    b, half, enough = (np.array(column) for column in zip(*items, strict=True))
    place, first, last = ranks(b, b - half, b + half, enough)
    own = np.flatnonzero(enough)
    assert sorted(place[own]) == list(range(1, len(own) + 1))
    assert not place[~enough].any()
    for at in own:
        assert first[at] == 1 + sum(b[k] - half[k] > b[at] + half[at] for k in own)
        assert last[at] == len(own) - sum(b[k] + half[k] < b[at] - half[at] for k in own)
        assert first[at] <= place[at] <= last[at]
