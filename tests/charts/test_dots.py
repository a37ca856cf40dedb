import xml.etree.ElementTree as ET

import pytest

from attain.charts.dots import LEFT, PLOT, Dot, draw_dots

DOTS = [
    Dot("gender: F", 0.13, 0.11, 0.16, "13 (11–16)"),
    Dot("gender: X", None, None, None, "not shown", apart=True),
    Dot("<script>", 0.0, 0.0, 0.05, "a & b"),
]


def drawn(dots: list[Dot], reference: float | None = 0.1) -> ET.Element:
    return ET.fromstring(draw_dots(dots, reference=reference, axis="per cent", title="of 100"))


def of_class(svg: ET.Element, name: str) -> list[ET.Element]:
    return [part for part in svg if part.get("class") == name]


def test_a_dot_stands_at_its_value_and_a_hidden_one_nowhere() -> None:
    svg = drawn(DOTS)
    places = [float(dot.get("cx", "nan")) for dot in of_class(svg, "dot")]
    assert places == [pytest.approx(LEFT + PLOT * 0.13 / 0.2, abs=0.1), pytest.approx(LEFT, abs=0.1)]
    assert len(of_class(svg, "interval")) == 2


def test_the_axis_reaches_over_every_interval() -> None:
    ticks = [part.text for part in of_class(drawn(DOTS), "tick")]
    assert ticks[:6] == ["0", "4", "8", "12", "16", "20"]
    wide = drawn([Dot("a", 0.5, 0.2, 0.9, "")])
    assert of_class(wide, "tick")[5].text == "100"


def test_texts_are_escaped_and_long_ones_are_cut() -> None:
    texts = [part.text for part in drawn([*DOTS, Dot("x" * 60, 0.1, 0.1, 0.1, "")]) if part.tag == "text"]
    assert "<script>" in texts
    assert "a & b" in texts
    assert max(len(text or "") for text in texts if text and "x" in text) == 31


def test_without_a_reference_there_is_no_line_for_it() -> None:
    assert len(of_class(drawn(DOTS), "reference")) == 1
    assert of_class(drawn(DOTS, None), "reference") == []
