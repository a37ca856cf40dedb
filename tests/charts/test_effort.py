from attain.charts.effort import Stop, draw_effort


def test_each_model_is_a_line_through_its_thresholds_with_both_ends_named() -> None:
    curves = {
        "bkt": [Stop(".5", 3, 0.6), Stop(".9", 6, 0.7), Stop(".98", 9, 0.8)],
        "three in a row": [Stop("", 7, 0.75)],
    }
    (ax,) = draw_effort(curves, dataset="simulated").axes
    assert [line.get_label() for line in ax.lines] == ["bkt", "three in a row"]
    assert ax.lines[0].get_xdata().tolist() == [3, 6, 9]  # type: ignore[union-attr]  # an array
    assert [text.get_text() for text in ax.texts][:2] == [".5", ".98"]
