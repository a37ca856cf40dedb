"""Curves of pages: whatever was logged gives a drawing or none, and names are no markup."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from attain.charts.svg.lines import Line, draw_lines, draw_spark, thinned

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=50)


@given(st.lists(VALUES, max_size=8), st.text(st.characters(exclude_categories=["C"]), max_size=30))
def test_any_values_and_names_give_whole_markup_or_nothing(curves: list[list[float]], name: str) -> None:
    svg = draw_lines([Line(name, list(enumerate(values))) for values in curves], title=name, x="step", y=name)
    if svg:
        assert ElementTree.fromstring(svg).tag == "svg"
        assert not re.search(r"\b(nan|inf)\b", re.sub(r"<t[^>]*>[^<]*<", "<", svg).replace(name, ""))
    for values in curves:
        spark = draw_spark(values, title=name)
        assert not spark or ElementTree.fromstring(spark).tag == "svg"


def test_a_name_is_shown_and_not_run() -> None:
    svg = draw_lines([Line("<script>x</script>", [(0, 1), (1, 2)])], title='a"onload="x', x="<b>", y="&")
    assert "<script" not in svg
    assert "<b>" not in svg
    assert ElementTree.fromstring(svg).get("onload") is None


def test_thinning_keeps_the_extremes_and_the_order() -> None:
    points = [(float(i), float((i * 37) % 1000)) for i in range(10_000)]
    kept = thinned(points)
    assert len(kept) <= 300
    assert kept == sorted(kept)
    assert {min(v for _, v in points), max(v for _, v in points)} <= {v for _, v in kept}


def test_the_best_value_is_drawn_highest() -> None:
    svg = draw_lines([Line("a", [(0, 0.0), (1, 1.0)])], title="t", x="x", y="y")
    path = re.search(r'class="line line-0" d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)"', svg)
    assert path is not None
    x0, y0, x1, y1 = map(float, path.groups())
    assert x0 < x1
    assert y0 > y1
