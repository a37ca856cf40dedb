import pandas as pd

from attain.data.cohorts import shown, sizes


def test_sizes_count_learners_by_attribute() -> None:
    table = pd.DataFrame({"gender": ["F", "M", "F"], "school": ["1", "1", "2"]}, index=list("abc"))
    assert sizes(table) == {"gender": {"F": 2, "M": 1}, "school": {"1": 2, "2": 1}}


def test_small_counts_are_bounds_and_no_other_gives_them_away() -> None:
    assert shown({"A": 1, "B": 1, "C": 50}) == {"A": "<10", "B": "<10", "C": "hidden"}
    assert shown({"A": 5, "B": 6, "C": 50}) == {"A": "<10", "B": "<10", "C": 50}
    assert shown({"A": 40, "B": 50}) == {"A": 40, "B": 50}
