import re

from attain.charts.svg.scatter import MOST_MARKS, Point, Scatter


def drawing(*points: Point, **asked: object) -> str:
    return Scatter("auc by rate", "rate", "auc", points, **asked).svg()  # type: ignore[arg-type]


def test_a_dot_says_its_numbers_and_what_its_colour_and_size_stand_for() -> None:
    found = drawing(Point("one", 1, 0.7, "bkt", 3), Point("two", 2, 0.8, "dkt", 9), colour="model", size="hidden")
    assert 'aria-label="two: rate 2, auc 0.8, model dkt, hidden 9"' in found
    assert ">bkt</text>" in found
    assert ">dkt</text>" in found


def test_the_area_of_a_dot_grows_with_its_number() -> None:
    found = drawing(*(Point(str(n), n, n, size=float(n)) for n in range(3)), size="n")
    radii = [float(r) for r in re.findall(r' r="([\d.]+)"', found)]
    squares = [r * r for r in radii]
    assert squares[1] - squares[0] == (squares[2] - squares[1]) or abs(squares[0] + squares[2] - 2 * squares[1]) < 0.01


def test_what_is_not_known_or_has_no_place_on_a_logarithmic_axis_is_not_drawn_but_stands_in_the_table() -> None:
    points = (Point("none", None, 1), Point("nan", 1, float("nan")), Point("zero", 0, 1), Point("here", 10, 1))
    chart = Scatter("t", "x", "y", points, x_kind="log")
    assert chart.svg().count("<circle") == 1
    assert [row[0] for row in chart.table()[1]] == ["none", "nan", "zero", "here"]


def test_more_groups_than_colours_share_the_last_one() -> None:
    chart = Scatter("t", "x", "y", [Point(str(n), n, n, f"g{n}") for n in range(9)])
    assert chart.groups == ["g0", "g1", "g2", "g3", "g4", "others"]
    assert chart.svg().count("dot-5") == 1 + 4


def test_a_keyboard_does_not_stop_at_each_of_many_dots() -> None:
    assert "tabindex" not in drawing(*(Point(str(n), n, n) for n in range(MOST_MARKS + 1)))


def test_names_are_written_as_text() -> None:
    assert "<script>" not in drawing(Point("<script>", 1, 1, "<script>"))


def test_nothing_to_draw_is_no_drawing() -> None:
    assert drawing() == ""
    assert drawing(Point("a", None, None)) == ""
