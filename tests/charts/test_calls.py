import re

import pytest

from attain.charts.calls import Calls, draw_calls

BARS = [Calls(80, 20, 120), Calls(150, 50, 50), Calls(200, 200, 0)]
NAMES = ("called, failed", "called, <passed>", "not called, failed")


def boxes(svg: str, kind: str) -> list[tuple[float, float]]:
    """Top and height of the bars of a kind; the first box is that of the legend."""
    found = re.findall(rf'<rect class="{kind}" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', svg)
    return [(float(y), float(height)) for y, height in found][1:]


def test_heights_are_as_the_counts_are_and_the_parts_lie_on_each_other() -> None:
    svg = draw_calls(BARS, now=200, names=NAMES, title="calls")
    found, vain, missed = (boxes(svg, kind) for kind in ("found", "vain", "missed"))
    scale = found[0][1] / 80
    for bar, *parts in zip(BARS, found, vain, missed, strict=True):
        for count, (_, height) in zip((bar.found, bar.in_vain, bar.missed), parts, strict=True):
            assert height == pytest.approx(count * scale, abs=0.1)
        assert parts[1][0] + parts[1][1] == pytest.approx(parts[0][0], abs=0.2)
        assert parts[0][0] + parts[0][1] == pytest.approx(parts[2][0], abs=0.2)


def test_how_many_are_called_now_is_marked_where_it_is_known() -> None:
    assert 'class="reference"' in draw_calls(BARS, now=200, names=NAMES, title="calls")
    assert 'class="reference"' not in draw_calls(BARS, now=None, names=NAMES, title="calls")


def test_names_are_text() -> None:
    svg = draw_calls(BARS, now=None, names=NAMES, title='"calls"')
    assert "called, &lt;passed&gt;" in svg
    assert 'aria-label="&quot;calls&quot;"' in svg
