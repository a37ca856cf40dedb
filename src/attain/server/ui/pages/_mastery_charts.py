"""One learner's course, and skills beside each other. Imported with the first page that needs numpy."""

from collections.abc import Sequence

from attain.charts.svg.dots import Dot, DotChart
from attain.charts.svg.lines import Line, Lines
from attain.charts.who_knows import FEWEST, Share, median_times, share_right
from attain.server.ui.pages._mastery_kept import Kept

LINES, MOST = 6, 30
"""Curves of a chart, and of all charts of a learner."""


def courses(kept: Kept, learner: str) -> tuple[Lines, ...]:
    """What is held to be known after each answer of a learner, six skills a chart, most practised first."""
    found = kept.practice.course(kept.learners.index(learner))
    charts = []
    for first in range(0, min(len(found), MOST), LINES):
        part = found[first : first + LINES]
        lines = [
            Line(kept.skills[code], [(float(k + 1), float(value)) for k, value in enumerate(course)])
            for code, course in part
        ]
        numbers = f"{first + 1} to {first + len(part)}" if len(part) > 1 else f"{first + 1}"
        said = f"Skills {numbers} of {len(found)} by number of answers."
        title = f"Mastery by answer, {'most practised skills' if first == 0 else f'skills {numbers}'}"
        charts.append(Lines(title, "answer on the skill", "mastery", lines, said, y_ends=(0, 1)))
    return tuple(charts)


def by_skill(kept: Kept, skills: Sequence[str], level: float) -> tuple[DotChart, ...]:
    """Skills by the share of right answers, the hardest first, and by answers until half of learners know them."""
    codes = [kept.skills.index(name) for name in skills]
    shares = _shown(skills, [share_right(kept.practice, code) for code in codes])
    times = _shown(skills, median_times(kept.practice, codes, level))
    few = len(skills) - len(shares)
    left = f" {few} {'skill' if few == 1 else 'skills'} with fewer than {FEWEST} learners left out." if few else ""
    easy = DotChart(
        "Skills by difficulty",
        "share of right answers",
        sorted(shares, key=lambda one: one.value if one.value is not None else 2),
        "The hardest on top, with 95 % intervals over learners." + left,
        counted="learners",
    )
    never = sum(one.value is None for one in times)
    still = f" In {never} of them half of the learners never get there (“not known”)." if never else ""
    late = DotChart(
        "Skills by time to mastery",
        f"answers until half of the learners have a mastery of {level:g}",
        sorted(times, key=lambda one: one.value if one.value is not None else float("inf")),
        "The soonest on top; who stops before is counted as long as watched (Kaplan-Meier), with 95 % intervals. "
        "How soon this model declares mastery says nothing of how good it is." + still + left,
        counted="learners",
    )
    return easy, late


def _shown(skills: Sequence[str], found: Sequence[Share]) -> list[Dot]:
    pairs = [(name, one) for name, one in zip(skills, found, strict=True) if one.learners >= FEWEST]
    return [Dot(name, one.value, one.low, one.high, one.learners) for name, one in pairs]
