"""Many runs as drawings: two of their numbers against each other, and settings beside results."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.frame import Kind
from attain.charts.svg.parallel import LOG_FROM, Parallel, Thread, Upright
from attain.charts.svg.scatter import Point, Scatter
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask
from attain.server.ui.pages._primary import Primary
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid

SECONDS = "attributes.seconds"
MOST_AXES = 6
"""Axes that are shown where none are chosen."""
TOP_SHARE, TOP_LEAST = 0.1, 5
"""Of runs that nothing is asked of, the best tenth is picked out, and at least so many."""


@dataclass(frozen=True)
class Field:
    """Something that runs have.

    Attributes:
        key: what it is asked for by.
        name: for people.
        varies: whether it has several values.
        numbers: whether all are numbers.
        usual: whether most runs have it.
    """

    key: str
    name: str
    varies: bool
    numbers: bool
    usual: bool


@dataclass(frozen=True)
class Brush:
    """A numeric axis, and the part of it that is asked for, as it was typed."""

    key: str
    name: str
    low: str
    high: str


@dataclass(frozen=True)
class Drawn:
    """Both drawings of some runs, and what their forms offer.

    Attributes:
        scatter: two numbers against each other.
        parallel: settings beside results.
        fields: what may be chosen.
        chosen: the field of the form (x, y, colour, size) to what stands there.
        axes: keys of the axes shown.
        brushes: the numeric axes, with what is asked of each.
        picked: ids of the runs picked out, the best first where that is known.
    """

    scatter: Scatter
    parallel: Parallel
    fields: tuple[Field, ...]
    chosen: dict[str, str]
    axes: tuple[str, ...]
    brushes: tuple[Brush, ...]
    picked: tuple[str, ...]


def drawn(ask: Ask, runs: Sequence[Run], metrics: Sequence[Primary]) -> Drawn:
    """The runs as the address asks for them.

    Raises:
        Invalid: a brush is no number.
    """
    found = _fields(runs, metrics)
    known = {one.key for one in found}
    axes = [key for key in ask.all("axis") if key in known] or _usual(found, metrics)
    brushes = tuple(
        Brush(one.key, one.name, ask.one(f"from.{one.key}").strip(), ask.one(f"to.{one.key}").strip())
        for one in found
        if one.key in axes and one.numbers
    )
    ends = {one.key: (_number(one.low, one.name), _number(one.high, one.name)) for one in brushes}
    picked = _picked(runs, ends, metrics)
    chosen = _chosen(ask, found, metrics)
    return Drawn(
        _scatter(runs, chosen, found),
        _parallel(runs, axes, found, ends, {run.run_id for run in picked}, metrics),
        tuple(found),
        chosen,
        tuple(axes),
        brushes,
        tuple(run.run_id for run in picked),
    )


def _fields(runs: Sequence[Run], metrics: Sequence[Primary]) -> list[Field]:
    """Metrics first, the declared ones before others; then params; then how long it took."""
    keys = dict.fromkeys(f"metrics.{one.key}" for one in metrics)
    keys |= dict.fromkeys(f"metrics.{key}" for run in runs for key in sorted(run.metrics) if "/" not in key)
    keys |= dict.fromkeys(sorted({f"params.{key}" for run in runs for key in run.params}))
    out = []
    for key in [*keys, SECONDS]:
        values = [value for run in runs if (value := _value(run, key)) is not None]
        if values:
            numbers = all(isinstance(value, float) for value in values)
            out.append(Field(key, _name(key), len(set(values)) > 1, numbers, 2 * len(values) > len(runs)))
    return out


def _value(run: Run, key: str) -> float | str | None:
    kind, _, name = key.partition(".")
    if kind == "metrics":
        value = run.metrics.get(name)
        return value if value is not None and math.isfinite(value) else None
    if kind == "params":
        text = run.params.get(name)
        try:
            value = float(text) if text is not None else None
        except ValueError:
            return text
        return text if value is None or not math.isfinite(value) else value
    return (run.end_time - run.start_time) / 1000 if run.end_time is not None else None


def _name(key: str) -> str:
    kind, _, name = key.partition(".")
    return "seconds" if key == SECONDS else " ".join(from_key(name)) if kind == "metrics" else name


def _usual(found: Sequence[Field], metrics: Sequence[Primary]) -> list[str]:
    """Params that vary, and the first metric last."""
    params = [o.key for o in found if o.varies and o.usual and o.key.startswith("params.")][: MOST_AXES - 1]
    results = [f"metrics.{one.key}" for one in metrics] or [o.key for o in found if o.key.startswith("metrics.")]
    more = results[1:2] if len(params) < 2 else []
    return [*params, *more, *results[:1]]


def _chosen(ask: Ask, found: Sequence[Field], metrics: Sequence[Primary]) -> dict[str, str]:
    numbers = [one.key for one in found if one.numbers]
    varying = [one.key for one in found if one.numbers and one.varies and one.usual and one.name != "seed"]
    first = f"metrics.{metrics[0].key}" if metrics else next((k for k in numbers if k.startswith("metrics.")), "")
    other = next((key for key in varying if key.startswith("params.")), SECONDS)
    words = next((o.key for o in found if not o.numbers and o.varies), "")
    usual = {"x": other, "y": first or next(iter(numbers), ""), "colour": words, "size": ""}
    known = {one.key for one in found} | {""}
    return {name: asked if (asked := ask.one(name, key)) in known else key for name, key in usual.items()}


def _scatter(runs: Sequence[Run], chosen: dict[str, str], found: Sequence[Field]) -> Scatter:
    names = {one.key: one.name for one in found}
    points = []
    for run in runs:
        x, y, size = (_value(run, chosen[name]) if chosen[name] else None for name in ("x", "y", "size"))
        colour = _value(run, chosen["colour"]) if chosen["colour"] else None
        group = "" if colour is None else colour if isinstance(colour, str) else f"{colour:.6g}"
        points.append(Point(run.name, _if_number(x), _if_number(y), group, _if_number(size)))
    x, y, colour, size = (names.get(chosen[name], "") for name in ("x", "y", "colour", "size"))
    shown = sum(one.x is not None and one.y is not None for one in points)
    said = f"{shown:,} of {len(runs):,} runs have both numbers"
    kinds: list[Kind] = ["log" if _wide([p.x for p in points]) else "number", "number"]
    return Scatter(f"{y} by {x}", x, y, points, said, colour, size, *kinds)


def _parallel(
    runs: Sequence[Run],
    axes: Sequence[str],
    found: Sequence[Field],
    ends: dict[str, tuple[float | None, float | None]],
    picked: set[str],
    metrics: Sequence[Primary],
) -> Parallel:
    names = {one.key: one.name for one in found}
    uprights = [Upright(key, names[key], *ends.get(key, (None, None))) for key in axes]
    threads = [Thread(run.name, [_value(run, key) for key in axes], run.run_id in picked) for run in runs]
    if any(end is not None for pair in ends.values() for end in pair):
        said = f"{len(picked):,} of {len(runs):,} runs lie in the parts that are asked for"
    elif len(picked) < len(runs):
        said = f"The best {len(picked):,} of {len(runs):,} runs by {metrics[0].name} stand out"
    else:
        said = f"{len(runs):,} runs"
    return Parallel("Settings and results", uprights, threads, said)


def _picked(
    runs: Sequence[Run], ends: dict[str, tuple[float | None, float | None]], metrics: Sequence[Primary]
) -> list[Run]:
    """Those within all that is asked for, the best first; where nothing is asked for, the best few."""
    primary = metrics[0] if metrics and metrics[0].direction != "none" else None
    ordered = list(runs)
    if primary is not None:
        sign = 1 if primary.direction == "min" else -1
        ordered.sort(key=lambda run: sign * run.metrics[primary.key] if _has(run, primary.key) else math.inf)
    asked = {key: pair for key, pair in ends.items() if pair != (None, None)}
    if asked:
        return [run for run in ordered if all(_within(_value(run, key), *pair) for key, pair in asked.items())]
    if primary is None:
        return ordered
    known = [run for run in ordered if _has(run, primary.key)]
    return known[: max(TOP_LEAST, math.ceil(TOP_SHARE * len(known)))] if len(runs) > 2 * TOP_LEAST else ordered


def _has(run: Run, key: str) -> bool:
    return math.isfinite(run.metrics.get(key, math.nan))


def _within(value: float | str | None, low: float | None, high: float | None) -> bool:
    return isinstance(value, float) and (low is None or value >= low) and (high is None or value <= high)


def _wide(values: Sequence[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and min(known) > 0 and max(known) / min(known) >= LOG_FROM


def _if_number(value: float | str | None) -> float | None:
    return value if isinstance(value, float) else None


def _number(typed: str, name: str) -> float | None:
    if not typed:
        return None
    try:
        found = float(typed)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Invalid(f"{typed!r} is no number that {name} could be from or to. Go back and type one, such as 0.5.")
    return found
