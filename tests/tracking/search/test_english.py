import pytest

from attain.tracking.search.english import counted, english


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("params.seed = '0' and metrics.auc > 0.7", "seed = 0 and auc > 0.7"),
        ("metrics.auc >= 0.5 OR metrics.auc <= 1e-9", "auc ≥ 0.5 or auc ≤ 1e-09"),
        ("(metrics.a > 1 OR metrics.b > 1) AND tags.t IS NULL", "(a > 1 or b > 1) and there is no t"),
        ("tags.t IS NOT NULL", "there is a t"),
        ("NOT params.m = 'bkt'", "not (m = bkt)"),
        ("params.m != 'two words'", "m is not 'two words'"),
        ("params.m LIKE 'b%'", "m is like b%"),
        ("params.m ILIKE 'b%'", "m is like (in any case) b%"),
        ("params.m IN ('a', 'b')", "m is one of a, b"),
        ("dataset.name = 'statics2011'", "data set name = statics2011"),
        ("start_time >= 1767225600000", "start_time ≥ 2026-01-01 00:00:00 UTC"),
    ],
)
def test_a_filter_is_said_in_english(text: str, said: str) -> None:
    assert english(text) == said


def test_a_count_says_what_the_list_shows() -> None:
    assert counted(26, "params.seed = '0' and metrics.auc > 0.7") == "26 runs where seed = 0 and auc > 0.7"
    assert counted(1, "") == "1 run"
    assert counted(12_000, "") == "12,000 runs"
