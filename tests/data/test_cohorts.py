import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from attain.data.cohorts import join, shown, sizes


def test_a_learner_who_is_not_in_the_table_is_unknown() -> None:
    table = pd.DataFrame({"gender": ["F", None]}, index=pd.Index(["a", "b"], name="learner"))
    joined = join(table, ["c", "a", "b", "a"])
    assert joined["gender"].tolist() == ["(unknown)", "F", "(unknown)", "F"]
    assert joined.index.tolist() == ["c", "a", "b", "a"]


def test_sizes_count_learners_by_attribute() -> None:
    table = pd.DataFrame({"gender": ["F", "M", "F"], "school": ["1", "1", "2"]}, index=list("abc"))
    assert sizes(table) == {"gender": {"F": 2, "M": 1}, "school": {"1": 2, "2": 1}}


counts = st.dictionaries(st.text(max_size=3), st.integers(0, 40), min_size=1, max_size=6)


@given(counts=counts)
def test_no_small_count_can_be_seen_or_worked_out_from_the_total(counts: dict[str, int]) -> None:
    out = shown(counts)
    assert out.keys() == counts.keys()
    for name, count in counts.items():
        assert out[name] == count or isinstance(out[name], str)
        assert count >= 10 or out[name] == "<10"
    hidden = [name for name in counts if isinstance(out[name], str)]
    small = [name for name, count in counts.items() if count < 10]
    assert len(hidden) != 1 or len(counts) == 1
    assert hidden == [] or small
