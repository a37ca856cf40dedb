"""What is read from bytes is what the slow way reads, and what it cannot read is left to that."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attain.data.formats.columns import RawTable, coded
from attain.data.source import Columns, Source
from attain.data.stream.plain import moments, whole_numbers
from attain.data.values import numbers, times

signs = st.text("0123456789-+. :TZex", max_size=21)
dates = st.datetimes(min_value=pd.Timestamp("1960-01-01"), max_value=pd.Timestamp("2250-01-01"))
written = st.sampled_from(
    ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000Z"]
)


def slowly(cells: list[str], *, iso: bool) -> np.ndarray | None:
    """As `attain.data.values` reads them; None where it refuses."""
    from attain.core.errors import UserError

    columns = Columns(learner="l", item="i", correct="c")
    source = Source(file="a", columns=columns, time_unit="iso" if iso else "s")
    column = coded(pa.chunked_array([pa.array(cells, pa.string())]).dictionary_encode())
    table = RawTable(Path("a"), str, {"x": column}, len(cells))
    try:
        return (times if iso else numbers)(table, "x", np.arange(len(cells)), source)
    except UserError:
        return None


@given(cells=st.lists(signs | st.integers(-(10**16), 10**16).map(str), min_size=1, max_size=4))
@example(cells=["007", "-5", "", "999999999999999"])
def test_whole_numbers_are_read_alike_or_left(cells: list[str]) -> None:
    if (found := whole_numbers(pa.array(cells, pa.string()))) is not None:
        np.testing.assert_array_equal(found, slowly(cells, iso=False))


@given(cells=st.lists(signs | st.builds(lambda d, f: d.strftime(f), dates, written), min_size=1, max_size=4))
@example(cells=["2024-02-29", "1970-01-01 00:00", "2000-12-31T23:59:59Z", ""])
@example(cells=["2100-03-01 10:20:30.000"])
def test_moments_are_read_alike_or_left(cells: list[str]) -> None:
    if (found := moments(pa.array(cells, pa.string()))) is not None:
        np.testing.assert_array_equal(found, slowly(cells, iso=True))


@pytest.mark.parametrize("cell", ["1.5", "+1", " 1", "1e3", "-", "-0", "1234567890123456", "0x10", "1_000"])
def test_other_numbers_are_left(cell: str) -> None:
    assert whole_numbers(pa.array(["1", cell])) is None


@pytest.mark.parametrize(
    "cell", ["2023-02-29", "20240101", "2024-01-01 10", "2024-01-01 24:00", "2024-01-01 10:00:00.5", "1969-12-31", "7"]
)
def test_other_moments_are_left(cell: str) -> None:
    assert moments(pa.array(["2024-01-01", cell])) is None


def test_usual_cells_are_read_and_parts_of_an_array_too() -> None:
    assert whole_numbers(pa.array(["9", "", "-12", "7"]).slice(1, 2)).tolist()[1] == -12  # type: ignore[union-attr]
    found = moments(pa.array(["x", "2024-02-29 10:00", "2024-02-29T10:00:05.0Z"]).slice(1))
    assert found is not None
    assert np.diff(found).tolist() == [5]
    assert found[0] == pd.Timestamp("2024-02-29 10:00", tz="UTC").timestamp()
