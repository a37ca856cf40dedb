"""A hundred people as dots, some of them marked: a share that needs no training to be read."""

from html import escape

SIDE = 10
STEP = 13
RADIUS = 4.6


def draw_people(marked: int, title: str) -> str:
    """An SVG of ten by ten people, the first `marked` of them filled, the others hollow.

    Colours come from the page: classes `marked` and `unmarked`.

    >>> draw_people(3, "3 of 100").count("marked") - draw_people(3, "3 of 100").count("unmarked")
    3

    Args:
        marked: 0 to 100.
        title: what is read out where the picture cannot be seen.
    """
    size = SIDE * STEP
    dots = [
        f'<circle cx="{(place % SIDE + 0.5) * STEP:g}" cy="{(place // SIDE + 0.5) * STEP:g}" r="{RADIUS}" '
        f'class="{"marked" if place < marked else "unmarked"}"/>'
        for place in range(SIDE * SIDE)
    ]
    head = f'<svg class="people" viewBox="0 0 {size} {size}" role="img" aria-label="{escape(title)}">'
    return f"{head}{''.join(dots)}</svg>"
