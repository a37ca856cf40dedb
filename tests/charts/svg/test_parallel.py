import re

import pytest

from attain.charts.svg.parallel import FOOT, HEIGHT, MOST_MARKS, TOP, Parallel, Thread, Upright

AXES = (Upright("params.model", "model"), Upright("params.lr", "lr"), Upright("metrics.auc", "auc"))


def chart(*threads: Thread, axes: tuple[Upright, ...] = AXES) -> Parallel:
    return Parallel("Settings", axes, threads)


def heights(drawing: str, kind: str) -> list[list[float]]:
    ways = re.findall(rf'<path class="{kind}" d="M([^"]+)"', drawing)
    return [[float(place.split(",")[1]) for place in way.split("L")] for way in ways]


def test_words_are_spread_evenly_and_wide_ranges_logarithmically() -> None:
    found = chart(
        Thread("a", ("bkt", 0.0001, 0.7), False),
        Thread("b", ("dkt", 0.01, 0.8), False),
        Thread("c", ("sakt", 1.0, 0.9), False),
    ).svg()
    middle = (HEIGHT - FOOT + TOP) / 2
    assert heights(found, "thread")[1] == pytest.approx([middle] * 3)
    assert ">logarithmic</text>" in found


def test_a_line_breaks_where_a_value_is_not_known() -> None:
    axes = (*AXES, Upright("metrics.rmse", "rmse"), Upright("metrics.f1", "f1"))
    found = chart(Thread("a", ("bkt", 1, None, 1, 2), False), Thread("b", ("dkt", 2, 1, 2, 3), False), axes=axes).svg()
    assert [len(way) for way in heights(found, "thread")] == [2, 2, 5]


def test_a_line_that_is_picked_says_its_values() -> None:
    found = chart(Thread("a", ("bkt", 0.5, None), True), Thread("b", ("dkt", 1.0, 0.8), False)).svg()
    assert 'aria-label="a: model bkt, lr 0.5, auc not known"' in found
    assert found.count("tabindex") == 1


def test_the_part_that_is_asked_for_is_marked_as_far_as_it_lies_on_the_axis() -> None:
    axes = (AXES[0], Upright("params.lr", "lr", 0.5, 9.0), AXES[2])
    found = chart(Thread("a", ("bkt", 0.0, 0.7), False), Thread("b", ("dkt", 1.0, 0.8), True), axes=axes).svg()
    (top, tall) = re.findall(r'class="brushed" x="[\d.]+" y="([\d.]+)" width="14" height="([\d.]+)"', found)[0]
    assert (float(top), float(tall)) == (TOP, (HEIGHT - FOOT - TOP) / 2)


def test_numbers_can_be_brushed_and_words_cannot() -> None:
    found = chart(Thread("a", ("bkt", 0.25, 0.7), False), Thread("b", ("dkt", 1.0, 0.8), True)).svg()
    assert re.findall(r'data-key="([^"]+)" data-low="([^"]+)"', found) == [
        ("params.lr", "0.25"),
        ("metrics.auc", "0.7"),
    ]


def test_a_word_among_numbers_makes_the_axis_one_of_words() -> None:
    found = chart(Thread("a", ("bkt", 0.25, 0.7), False), Thread("b", ("dkt", "auto", 0.8), False)).svg()
    assert ">auto</text>" in found
    assert ">0.25</text>" in found


def test_many_picked_lines_do_not_stop_the_keyboard_and_names_are_text() -> None:
    many = chart(*(Thread("<b>", ("<i>", float(n), 1.0), True) for n in range(MOST_MARKS + 1))).svg()
    assert "tabindex" not in many
    assert "<i>" not in many


def test_the_table_has_every_line_and_whether_it_is_picked() -> None:
    head, rows = chart(Thread("a", ("bkt", 1, 0.7), True), Thread("b", ("dkt", 2, None), False)).table()
    assert head == ["name", "model", "lr", "auc", "picked"]
    assert rows == [["a", "bkt", 1, 0.7, "picked"], ["b", "dkt", 2, None, ""]]


def test_one_axis_is_no_drawing() -> None:
    assert chart(Thread("a", (1,), True), axes=AXES[:1]).svg() == ""
