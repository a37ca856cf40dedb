import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.charts.roc import draw_roc
from attain.charts.roc_curve import roc
from attain.charts.style import DASHES, PALETTE, canvas, line_style, save, spread

places = st.lists(st.floats(0, 10), max_size=12)


@given(places, st.floats(0.01, 2))
def test_spread_labels_keep_their_order_and_their_distance(wanted: list[float], gap: float) -> None:
    moved = spread(wanted, gap)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(moved[order]) >= gap - 1e-9).all()


@given(places)
def test_labels_that_are_apart_stay_where_they_are(wanted: list[float]) -> None:
    apart = sorted(round(w) * 1.0 for w in set(map(round, wanted)))
    assert spread(apart, 0.5) == pytest.approx(apart)


def test_labels_do_not_rise_above_the_top() -> None:
    assert spread([0.9, 0.95, 1.0], 0.2, highest=1).tolist() == pytest.approx([0.6, 0.8, 1.0])


def test_the_first_lines_differ_in_colour_and_in_dashes() -> None:
    styles = [line_style(k) for k in range(len(DASHES))]
    assert len({s["color"] for s in styles}) == len({str(s["linestyle"]) for s in styles}) == len(DASHES)
    assert len({str(line_style(k)) for k in range(20)}) == 20


def test_text_colours_can_be_read_on_white() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    from attain.charts.style import FAINT, INK

    for colour in (INK, FAINT):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_a_figure_is_saved_the_same_each_time_as_svg_and_png(tmp_path: Path) -> None:
    curve = roc(np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.4, 0.3]))
    assert curve is not None
    first, again = (save(draw_roc({"bkt": curve}), tmp_path / part, "roc") for part in ("a", "b"))
    assert [path.name for path in first] == ["roc.svg", "roc.png"]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(first, again, strict=True))
    text = first[0].read_text()
    assert "<dc:date>" not in text
    assert "bkt  AUC 1.000" in text, "words are kept as words"


def test_a_png_is_twice_six_hundred_pixels_wide(tmp_path: Path) -> None:
    figure, _ = canvas("A title", "a detail", height=2)
    png = save(figure, tmp_path, "plain")[1].read_bytes()
    assert int.from_bytes(png[16:20], "big") == 1200


def test_facts_need_no_matplotlib_and_drawing_needs_no_pyplot() -> None:
    script = (
        "import sys, numpy as np\n"
        "from attain.charts import calibration, calibration_bins, forest, mastery_map, opportunity, roc, training\n"
        "assert 'matplotlib' not in sys.modules\n"
        "facts = calibration_bins.calibration(np.array([0, 1]), np.array([0.2, 0.7]))\n"
        "calibration.draw_calibration(facts, model='bkt')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith('attain.') and 'charts' not in name]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_there_are_enough_colours_for_a_usual_suite() -> None:
    assert len(PALETTE) >= 6
