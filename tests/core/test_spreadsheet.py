"""Cells that spreadsheets open."""

import pytest

from attain.core.spreadsheet import safe


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "What is 1+1?", "'=1", "a-b"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe(text) == text
