"""Calibration, ROC and dots of pages: the marks stand where the numbers say, and say them."""

import re
from xml.etree import ElementTree

import pytest

from attain.charts.svg.calibration import Bin, CalibrationChart
from attain.charts.svg.dots import Dot, DotChart
from attain.charts.svg.roc import Curve, RocChart


def marks(svg: str) -> list[str]:
    return [one.get("aria-label") or "" for one in ElementTree.fromstring(svg).iter() if one.get("tabindex") == "0"]


def test_a_model_that_says_what_comes_true_lies_on_the_ideal_line() -> None:
    bins = [Bin(v, v, v - 0.05, v + 0.05, 100) for v in (0.25, 0.5, 0.75)]
    svg = CalibrationChart("t", bins, "answers").svg()
    ideal = re.search(r'class="ideal" d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)"', svg)
    assert ideal is not None
    x0, y0, x1, y1 = map(float, ideal.groups())
    for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg):
        assert (float(x) - x0) / (x1 - x0) == pytest.approx((float(y) - y0) / (y1 - y0), abs=0.002)
    assert marks(svg)[1] == "scored about 0.50: 50.0% came true (95 % interval 45.0% to 55.0%), 100 answers"


def test_a_bin_of_too_few_is_in_the_table_without_numbers_and_not_drawn() -> None:
    chart = CalibrationChart("t", [Bin(0.2, 0.3, 0.2, 0.4, 50), Bin(0.8, None, None, None, None)])
    assert len(marks(chart.svg())) == 1
    assert chart.table()[1][1] == [0.8, None, None, None, None]
    assert CalibrationChart("t", []).svg() == ""


def test_roc_curves_say_their_area_with_its_interval() -> None:
    curves = [Curve("a", [(0, 0), (0.1, 0.6), (1, 1)], 0.75, 0.7, 0.8), Curve("<b>", [(0, 0), (1, 1)], 0.5)]
    svg = RocChart("t", curves).svg()
    assert marks(svg) == ["a: AUC 0.750 [0.700, 0.800]", "<b>: AUC 0.500"]
    assert "<b>" not in svg
    assert len(RocChart("t", curves).table()[1]) == 5
    assert RocChart("t", [Curve("a", [], 0.5)]).svg() == ""


def test_dots_keep_the_order_and_a_number_that_is_not_known_has_its_row() -> None:
    dots = [Dot("F", 0.7, 0.6, 0.8, 120), Dot("M", None), Dot("X", 0.9)]
    svg = DotChart("auc by gender", "auc", dots, reference=0.75, counted="learners").svg()
    assert marks(svg) == ["F: 0.7 (95 % interval 0.6 to 0.8), learners 120", "X: 0.9"]
    assert "not known" in svg
    (fx, _), (xx, _) = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert float(fx) < float(xx)


def test_dots_without_a_value_say_why_and_draw_an_interval_that_is_known() -> None:
    dots = [
        Dot("F", 12.5, 10, 15, 80),
        Dot("M", None, 0, 30, 12, "fewer than 25 %"),
        Dot("X", None, without="<hidden>"),
    ]
    chart = DotChart("flagged", "per cent", dots, ends=(0, 100), unit=" %")
    assert marks(chart.svg()) == [
        "F: 12.5 % (95 % interval 10 to 15), n 80",
        "M: fewer than 25 % (95 % interval 0 to 30)",
    ]
    assert "&lt;hidden&gt;" in chart.svg()
    assert [row[1] for row in chart.table()[1]] == [12.5, "fewer than 25 %", "<hidden>"]
    narrow = DotChart("flagged", "per cent", dots[:1])
    places = [float(re.findall(r'cx="([\d.]+)"', one.svg())[0]) for one in (chart, narrow)]
    assert places[0] < places[1], "the axis reaches to its ends"


def test_groups_of_equally_many_have_no_bars() -> None:
    bins = [Bin(0.2, 0.3, 0.2, 0.4, 20), Bin(0.8, 0.7, 0.6, 0.8, 20)]
    with_bars, without = (CalibrationChart("t", bins, "enrolments", sizes=sizes).svg() for sizes in (True, False))
    assert with_bars.count("<rect") == 2
    assert "<rect" not in without
    assert marks(with_bars) == marks(without)
