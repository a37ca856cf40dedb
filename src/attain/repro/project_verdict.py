"""How like the results of a script are to those of its first run: what it logged, and the files that it made."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from attain.projects.outputs import FOLDER
from attain.projects.record import IDENTITY, SEED_TAG, TREE
from attain.repro.original import Original
from attain.repro.verdict import FEWEST_SEEDS, ROUNDING, Compared, Likeness, spread, within
from attain.tracking import artifacts
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.store import Store

LARGEST_TEXT = 16 << 20
"""Bytes of an output whose numbers are compared."""
MOST_NAMED = 5
GREATEST = 1e150
"""From where on a number is taken for infinite; its square is more than a float can hold."""
WRITTEN = math.ulp(0.0)
"""The difference of texts whose numbers are equal and only written otherwise."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf|NaN|Infinity)\b")


def likeness_of(one: Original, fresh: Store, now: Run, varies: Sequence[str]) -> Likeness:
    """Compare every value of every metric, and every output byte by byte, else number by number.

    Args:
        one: the first run.
        fresh: where the repetition is.
        now: the repetition.
        varies: names and patterns of metrics and outputs that are not compared.
    """
    then = one.run
    label = f"{one.facts['project']['name']} · {one.facts['project']['entry_name']}"
    names = _compared(then.metrics.keys() | now.metrics.keys(), varies)
    metrics = {n: _difference(_history(one.store, then, n), _history(fresh, now, n)) for n in names}
    files = _files(one.store, then, fresh, now, varies)
    seeds = [run.metrics for run in project_seed_runs(one.store, then)]
    rows = tuple(
        Compared(
            label, n, then.metrics.get(n), now.metrics.get(n), spread([_finite(s.get(n)) for s in seeds], len(names))
        )
        for n in names
    )
    if not metrics and not files:
        why = "the run logged no metric and kept no output that could be compared"
        return Likeness(label, "not comparable", why, ())
    return _judged(label, metrics, files, rows, len(seeds))


def _judged(
    label: str,
    metrics: Mapping[str, float | None],
    files: Mapping[str, float | None],
    rows: tuple[Compared, ...],
    seeds: int,
) -> Likeness:
    """The verdict from differences by name; None for what cannot be laid beside each other."""
    counted = f"{_count(len(metrics), 'metric')} and {_count(len(files), 'output')}"
    other_metrics = [name for name, by in metrics.items() if by is None or by > ROUNDING]
    other_files = [name for name, by in files.items() if by is None or by > ROUNDING]
    if not other_metrics and not other_files:
        if not any([*metrics.values(), *files.values()]):
            return Likeness(label, "identical", f"{counted} are the same", rows)
        most = max(by for by in [*metrics.values(), *files.values()] if by is not None)
        said = "only written otherwise" if most == WRITTEN else f"no number differs by more than {most:.1e}"
        return Likeness(label, "numerically equal", f"{counted}: {said}", rows)
    said = f"{_named([*other_metrics, *other_files])} differ{'s' if len(other_metrics + other_files) == 1 else ''}"
    if not other_metrics:
        return Likeness(label, "differs", f"{said}, though every metric is the same", rows)
    if seeds < FEWEST_SEEDS:
        tail = f"the store has {seeds} of the {FEWEST_SEEDS} seeds that tell how much a seed changes"
        return Likeness(label, "differs", f"{said}; {tail}", rows)
    out = [row.metric for row in rows if not within(row)]
    if out:
        return Likeness(label, "differs", f"{said}; {_named(out)}: more than another seed changes", rows)
    return Likeness(label, "within seed variation", f"{said}; no more than among {seeds} seeds", rows)


def project_seed_runs(store: Store, run: Run) -> list[Run]:
    """Finished runs of the same entry, values, data and code, one a seed; none where the entry has no seed."""
    if SEED_TAG not in run.tags:
        return []
    tags = [tag for tag in (IDENTITY, TREE) if tag in run.tags]
    asked = " AND ".join([f"tags.`{tag}` = '{run.tags[tag]}'" for tag in tags] + ["attributes.status = 'FINISHED'"])
    found, token = {run.tags[SEED_TAG]: run}, None
    while True:
        page = store.search_runs([run.experiment_id], asked, (), 200, token)
        for one in page.items:
            found.setdefault(one.tags.get(SEED_TAG, ""), one)
        if (token := page.next_token) is None:
            return list(found.values())


def numbers_differ(old: str, new: str) -> float | None:
    """By how much numbers of two texts differ at most, relative to them where they are great; None for other texts.

    >>> numbers_differ("loss: 0.5, n: 1e6", "loss: 0.5000001, n: 1000000.0") < 1e-6
    True
    >>> numbers_differ("a: 1", "b: 1") is None
    True
    """
    if _NUMBER.split(old) != _NUMBER.split(new):
        return None
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return max((_apart(float(a), float(b)) for a, b in pairs), default=0.0)


def _finite(value: float | None) -> float | None:
    """None for what no spread can be told from; a store keeps infinity as its greatest number."""
    return None if value is None or not abs(value) < GREATEST else value


def _compared(names: Iterable[str], varies: Sequence[str]) -> list[str]:
    return sorted(name for name in names if not any(fnmatchcase(name, one) for one in varies))


def _history(store: Store, run: Run, name: str) -> list[tuple[int, float]]:
    """Step and value of each point, in the order of steps; of one step in the order of values."""
    found, token = [], None
    while True:
        page = store.metric_history(run.run_id, name, page_token=token) if name in run.metrics else None
        found += [(point.step, point.value) for point in page.items] if page else []
        token = page.next_token if page else None
        if token is None:
            return sorted(found, key=lambda one: (one[0], math.isnan(one[1]), one[1]))


def _difference(old: list[tuple[int, float]], new: list[tuple[int, float]]) -> float | None:
    if [step for step, _ in old] != [step for step, _ in new]:
        return None
    return max((_apart(a, b) for (_, a), (_, b) in zip(old, new, strict=True)), default=0.0)


def _apart(one: float, other: float) -> float:
    """By how much two numbers differ, as a share of the greater one where that is above 1."""
    if one == other or (math.isnan(one) and math.isnan(other)):
        return 0.0
    by = abs(one - other) / max(1.0, abs(one), abs(other))
    return by if math.isfinite(by) else math.inf


def _files(then_store: Store, then: Run, fresh: Store, now: Run, varies: Sequence[str]) -> dict[str, float | None]:
    """Outputs that either has, and by how much they differ: 0 for equal bytes."""
    old, new = (
        {file.path.removeprefix(f"{FOLDER}/"): file for file in store.artifacts_under(run.run_id, FOLDER)}
        for store, run in ((then_store, then), (fresh, now))
    )
    found: dict[str, float | None] = {}
    for name in _compared(old.keys() | new.keys(), varies):
        if name in old and name in new and old[name].sha256 == new[name].sha256:
            found[name] = 0.0
        elif name in old and name in new and _is_small(old[name]) and _is_small(new[name]):
            found[name] = _texts_differ(
                artifacts.read_bytes(then_store, then.run_id, f"{FOLDER}/{name}"),
                artifacts.read_bytes(fresh, now.run_id, f"{FOLDER}/{name}"),
            )
        else:
            found[name] = None
    return found


def _is_small(file: ArtifactInfo) -> bool:
    return (file.size or 0) <= LARGEST_TEXT


def _texts_differ(old: bytes, new: bytes) -> float | None:
    """As `numbers_differ`, `WRITTEN` where only that differs; None where they are no texts."""
    try:
        by = numbers_differ(old.decode(), new.decode())
    except UnicodeDecodeError:
        return None
    return by or WRITTEN if by is not None else None


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s'[: number != 1]}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
