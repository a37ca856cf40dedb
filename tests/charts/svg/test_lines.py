"""Curves of pages: whatever was logged gives a drawing or none, and names are no markup."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.charts.svg.frame import Kind
from attain.charts.svg.lines import Line, Lines, Spark, thinned

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50)
NAMES = st.text(st.characters(exclude_categories=["C"]), max_size=30)


@given(st.lists(VALUES, max_size=8), NAMES, st.sampled_from(["number", "log"]), st.sampled_from(["number", "date"]))
def test_any_values_and_names_give_whole_markup_or_nothing(
    curves: list[list[float]], name: str, up: Kind, across: Kind
) -> None:
    lines = [Line(name, list(enumerate(values)), [(i, v, v) for i, v in enumerate(values)]) for values in curves]
    svg = Lines(name, "step", name, lines, x_kind=across, y_kind=up).svg()
    if svg:
        drawn = ElementTree.fromstring(svg)
        assert drawn.tag.endswith("svg")
        numbers = " ".join(v for one in drawn.iter() for k, v in one.attrib.items() if k in PLACES)
        assert not re.search(r"nan|inf", numbers)
    for values in curves:
        spark = Spark(name, values).svg()
        assert not spark or ElementTree.fromstring(spark).tag.endswith("svg")


PLACES = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "d"}


def test_a_name_is_shown_and_not_run() -> None:
    svg = Lines('a"onload="x', "<b>", "&", [Line("<script>x</script>", [(0, 1), (1, 2)])]).svg()
    assert "<script" not in svg
    assert "<b>" not in svg
    assert ElementTree.fromstring(svg).get("onload") is None


def test_thinning_keeps_the_extremes_and_the_order() -> None:
    points = [(float(i), float((i * 37) % 1000)) for i in range(10_000)]
    kept = thinned(points)
    assert len(kept) <= 300
    assert kept == sorted(kept)
    assert {min(v for _, v in points), max(v for _, v in points)} <= {v for _, v in kept}


def line_of(svg: str) -> list[float]:
    path = re.search(r'class="line line-0" d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)L([\d.]+),([\d.]+)"', svg)
    assert path is not None
    return [float(one) for one in path.groups()]


def test_the_best_value_is_drawn_highest_and_the_middle_in_the_middle() -> None:
    x0, y0, x1, y1, x2, y2 = line_of(Lines("t", "x", "y", [Line("a", [(0, 0.0), (1, 0.5), (2, 1.0)])]).svg())
    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.1)


def test_a_log_axis_gives_each_factor_of_ten_the_same_room_and_leaves_out_what_has_none() -> None:
    points = [(0, 0.01), (1, 0.1), (2, 1.0), (3, 0.0), (4, -1.0)]
    chart = Lines("t", "x", "y", [Line("a", points)], y_kind="log")
    _, y0, _, y1, _, y2 = line_of(chart.svg())
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.1)
    assert [row[1] for row in chart.table()[1]] == [0, 1, 2]


def test_the_end_of_each_line_says_its_numbers_to_the_keyboard() -> None:
    drawn = ElementTree.fromstring(Lines("t", "x", "y", [Line("a", [(0, 0.1), (1, 0.9), (2, 0.5)])]).svg())
    said = [one.get("aria-label") for one in drawn.iter() if one.get("tabindex") == "0"]
    assert said == ["a: 0.5 at the end; from 0.1 to 0.9 in all"]


def test_a_band_goes_round_the_interval_and_moments_of_change_are_within_the_panel() -> None:
    line = Line("a", [(0, 1), (1, 2)], [(0, 0.5, 1.5), (1, 1.5, 2.5)])
    svg = Lines("t", "x", "y", [line], moments=[(3.0, "the data changed")]).svg()
    band = re.search(r'class="band band-0" d="([^"]*)Z"', svg)
    assert band is not None
    assert len(band[1].split("L")) == 4
    assert "the data changed" in svg
    at = re.search(r'class="moment" x1="([\d.]+)"', svg)
    assert at is not None
    assert float(at[1]) <= 620
