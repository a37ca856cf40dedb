import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.core.cohorts import hidden

counts = st.dictionaries(st.text(max_size=3), st.integers(1, 40), min_size=1, max_size=6)


def possible(name: str, counts: dict[str, int], small: set[str], with_them: set[str]) -> tuple[int, int]:
    """Least and most that a small count can be, for one who sees the total, the large counts, and which are small."""
    rest = sum(count for other, count in counts.items() if other in small | with_them)
    others = small - {name}
    most = rest - len(others) - 10 * len(with_them)
    least = 1 if with_them else rest - 9 * len(others)
    return max(1, least), min(9, most)


@given(counts=counts)
def test_no_small_count_can_be_worked_out_where_a_large_one_can_hide_it(counts: dict[str, int]) -> None:
    small, with_them = hidden(counts)
    assert small == {name for name, count in counts.items() if count < 10}
    if small | with_them != counts.keys():
        for name in small:
            least, most = possible(name, counts, small, with_them)
            assert least < most


@given(counts=counts)
def test_nothing_is_hidden_without_need_and_then_the_smallest_of_the_large(counts: dict[str, int]) -> None:
    small, with_them = hidden(counts)
    assert not with_them & small
    large = sorted(count for name, count in counts.items() if name not in small)
    assert sorted(counts[name] for name in with_them) == large[: len(with_them)]
    if with_them:
        assert any(low == high for low, high in (possible(name, counts, small, set()) for name in small)) or (
            sum(counts[name] for name in small) < 10
        )


@pytest.mark.parametrize(
    ("counts", "small", "with_them"),
    [
        ({"A": 1, "B": 1, "C": 50}, {"A", "B"}, {"C"}),
        ({"A": 5, "B": 5, "C": 50}, {"A", "B"}, set()),
        ({"A": 9, "B": 9, "C": 50}, {"A", "B"}, {"C"}),  # 18 in all, and neither can be more than 9
        ({"A": 3, "B": 50, "C": 40}, {"A"}, {"C"}),
        ({"A": 1, "B": 10, "C": 40, "D": 50}, {"A"}, {"B", "C"}),  # 11 in all, of which B has 10 at least
        ({"A": 0, "B": 50}, {"A"}, set()),  # there is nobody to protect
        ({"A": 4}, {"A"}, set()),
    ],
)
def test_cases_worked_by_hand(counts: dict[str, int], small: set[str], with_them: set[str]) -> None:
    assert hidden(counts) == (small, with_them)
