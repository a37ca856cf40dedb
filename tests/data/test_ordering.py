"""Compiled sorting and counting give what NumPy and pandas give."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from attain.data.ordering import by_appearance, by_code, is_sorted, within

codes = st.lists(st.integers(0, 6), max_size=30).map(lambda values: np.array(values, dtype=np.int32))


@given(code=codes)
def test_codes_are_sorted_and_equal_ones_stay_as_they_stand(code: np.ndarray) -> None:
    order = by_code(code, 7)
    assert order.tolist() == np.argsort(code, kind="stable").tolist()
    assert is_sorted(code[order])
    assert is_sorted(code) == (sorted(code.tolist()) == code.tolist())


@given(code=codes)
def test_codes_are_counted_in_the_order_in_which_they_appear(code: np.ndarray) -> None:
    new, present = by_appearance(code, 7)
    expected, found = pd.factorize(code)
    assert new.tolist() == expected.tolist()
    assert present.tolist() == found.tolist()


@given(code=codes, data=st.data())
def test_each_stretch_is_sorted_by_its_keys(code: np.ndarray, data: st.DataObject) -> None:
    code = np.sort(code)
    values = st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0])
    key = np.array(data.draw(st.lists(values, min_size=len(code), max_size=len(code))), dtype=np.float64)
    start = np.array([0, *(np.flatnonzero(np.diff(code)) + 1), len(code)], dtype=np.int64)
    assert within(start, key).tolist() == np.lexsort((key, code)).tolist()
