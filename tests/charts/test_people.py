import xml.etree.ElementTree as ET

import pytest

from attain.charts.people import draw_people


@pytest.mark.parametrize("marked", [0, 1, 37, 100])
def test_so_many_of_a_hundred_people_are_marked(marked: int) -> None:
    dots = list(ET.fromstring(draw_people(marked, "some")))
    assert len(dots) == 100
    assert [dot.get("class") for dot in dots] == ["marked"] * marked + ["unmarked"] * (100 - marked)
    assert len({(dot.get("cx"), dot.get("cy")) for dot in dots}) == 100


def test_a_title_with_markup_is_text() -> None:
    assert ET.fromstring(draw_people(1, '<b a="x">')).get("aria-label") == '<b a="x">'
