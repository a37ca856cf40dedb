"""The figures of what people said."""

from pathlib import Path

import pandas as pd

from attain.charts.ratings import Scattered, draw_agreement, draw_ratings, draw_scatter
from attain.charts.style import save
from attain.suite.people.facts import Array, Facts
from attain.suite.people.pieces import Pieces, matrix


def draw_people(
    facts: Facts, human: pd.DataFrame, values: dict[str, Array], pieces: Pieces, folder: Path
) -> list[Path]:
    """Ratings by system, agreement by dimension, and the metric nearest to people against them.

    Args:
        facts: what follows from the ratings.
        human: ratings by people.
        values: metric to its values by system and prompt of the suite.
        pieces: of the suite.
        folder: where the files go.
    """
    drawn: list[Path] = []
    if not facts.dimensions:
        return drawn
    short = pieces.short()
    means = {d.name: [(short[m.system], m.value, m.low, m.high) for m in d.rated.means] for d in facts.dimensions}
    raters = max(len(d.raters) for d in facts.dimensions)
    drawn += save(draw_ratings(means, scale=facts.scale, raters=raters, prompts=facts.n_prompts[0]), folder, "ratings")
    alphas = {d.name: {str(a.level): (a.value, a.low, a.high) for a in d.alphas} for d in facts.dimensions}
    drawn += save(draw_agreement(alphas, raters=raters), folder, "agreement")
    for dimension in facts.dimensions:
        own = [
            a
            for a in facts.agreements
            if a.dimension == dimension.name
            and a.without == facts.references
            and (a.correlation.level, a.correlation.coefficient) == ("pooled", "pearson")
            and a.correlation.value is not None
        ]
        if not own:
            continue
        best = max(own, key=lambda a: abs(a.correlation.value or 0))
        systems = [name for name in facts.systems if name not in facts.references]
        rows = [pieces.systems.index(name) for name in systems]
        rated = human[human["dimension"] == dimension.name]
        scattered = Scattered(
            metric=best.metric,
            dimension=dimension.name,
            values=values[best.metric][rows],
            human=matrix(rated, "value", systems, pieces.prompts),
            systems=[short[name] for name in systems],
            r=best.correlation.value or 0.0,
            low=best.correlation.low,
            high=best.correlation.high,
            left_out=[short[name] for name in facts.references],
        )
        name = "".join(c if c.isalnum() else "_" for c in dimension.name)
        drawn += save(draw_scatter(scattered), folder, f"metric_against_people-{name}")
    return drawn
