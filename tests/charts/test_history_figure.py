import math

import pytest

from attain.charts.by_history import Point, Stretch, draw_by_history

NONE = Point(None, None, None)


def test_stretches_are_named_and_those_without_answers_are_left_out() -> None:
    stretches = [
        Stretch(1, 2, 1500, Point(0.6, 0.55, 0.66), Point(0.01, -0.02, 0.04)),
        Stretch(3, 5, 0, NONE, NONE),
        Stretch(6, math.inf, 20, Point(0.7, None, None), Point(-0.1, -0.2, 0.0)),
    ]
    figure = draw_by_history(stretches, model="bkt")
    above, below = figure.axes
    assert [text.get_text() for text in below.get_xticklabels()] == ["1-2\n(1,500)", "6+\n(20)"]
    assert above.containers[0].lines[0].get_ydata().tolist() == [0.6, 0.7]
    assert above.get_ylabel() == "AUC"


def test_an_undefined_value_has_no_point() -> None:
    figure = draw_by_history(
        [Stretch(1, 2, 5, NONE, Point(0.1, 0, 0.2)), Stretch(3, 5, 9, Point(0.5, 0.4, 0.6), NONE)], model="bkt"
    )
    assert figure.axes[0].containers[0].lines[0].get_xdata().tolist() == [1]
    assert figure.axes[1].containers[0].lines[0].get_ydata().tolist() == [pytest.approx(0.1)]
