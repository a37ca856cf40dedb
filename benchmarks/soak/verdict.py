"""What clients of the soak test were told is kept, against what the store has (see `tracking_server.py`)."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from writer import METRICS, text_of, value_of

from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import NotFound
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

Numbers = dict[str, set[int]]
"""Numbers of what was logged, by kind: points, param, tag, file, end."""


@dataclass
class Found:
    """Counts to show, and what is wrong in words."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def compare(uri: str, notes: Iterable[Path]) -> Found:
    """Look for everything that clients noted, and for what nobody sent."""
    found, store = Found(), open_database(uri)
    runs = list(_runs(store))
    for path in notes:
        tried, kept = _read(path)
        for run_id in tried:
            _compare_run(store, run_id, tried[run_id], kept[run_id], found)
        found.counts["runs"] += len(tried)
        found.counts["things given up by a client"] += sum(
            len(tried[run_id][kind] - kept[run_id][kind]) for run_id in tried for kind in tried[run_id]
        )
    found.counts["runs that nobody was told of"] = len(runs) - found.counts["runs"]
    store.close()
    return found


def _runs(store: Store) -> Iterator[str]:
    token = None
    while True:
        page = store.search_runs(["0"], page_token=token)
        yield from (run.run_id for run in page.items)
        if (token := page.next_token) is None:
            return


def _read(path: Path) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """What one client tried and what it was told is kept, by run."""
    noted: dict[str, dict[str, Numbers]] = {kind: defaultdict(lambda: defaultdict(set)) for kind in ("try", "kept")}
    for line in path.read_text().splitlines():
        what, run_id, kind, number = json.loads(line)
        noted[what][run_id][kind].add(number)
    return noted["try"], noted["kept"]


def _compare_run(store: Store, run_id: str, tried: Numbers, kept: Numbers, found: Found) -> None:
    run = store.get_run(run_id)
    for fault in (
        *_points(store, run, tried["points"], kept["points"], found.counts),
        *_labels(run, tried, kept, found.counts),
        *_files(store, run, kept["file"], found.counts),
    ):
        found.faults.append(f"run {run_id}: {fault}")


def _points(store: Store, run: Run, tried: set[int], kept: set[int], counts: Counter[str]) -> Iterator[str]:
    """Each batch that was told is kept is there once; another is there as a whole or not at all."""
    seen = [_history(store, run.run_id, at) for at in range(METRICS)]
    steps = [Counter(point.step for point in points) for points in seen]
    counts["points acknowledged"] += METRICS * len(kept)
    counts["of them found"] += sum(len(kept & one.keys()) for one in steps)
    counts["points that are there twice"] += sum(one.total() - len(one) for one in steps)
    counts["batches kept, but not acknowledged"] += len(steps[0].keys() - kept)
    for at, (points, times) in enumerate(zip(seen, steps, strict=True)):
        if lost := kept - times.keys():
            yield f"metric m{at} lost the steps {sorted(lost)[:5]}"
        if strange := times.keys() - tried:
            yield f"metric m{at} has steps that nobody sent: {sorted(strange)[:5]}"
        if twice := [step for step, count in times.items() if count > 1]:
            yield f"metric m{at} has the steps {twice[:5]} more than once"
        if times.keys() != steps[0].keys():
            yield f"a batch is kept by half: {sorted(times.keys() ^ steps[0].keys())[:5]}"
        if any(point.value != value_of(point.step, at) for point in points):
            yield f"metric m{at} has a wrong value"


def _history(store: Store, run_id: str, metric: int) -> list[MetricPoint]:
    return store.metric_history(run_id, f"m{metric}", 50_000).items


def _labels(run: Run, tried: Numbers, kept: Numbers, counts: Counter[str]) -> Iterator[str]:
    there = {int(key[1:]): value for key, value in run.params.items() if key[1:].isdigit()}
    counts["params acknowledged"] += len(kept["param"])
    if lost := kept["param"] - there.keys():
        yield f"lost the params {sorted(lost)[:5]}"
    if any(value != str(number) for number, value in there.items()) or there.keys() - tried["param"]:
        yield "has params that nobody sent"
    counts["tags acknowledged"] += len(kept["tag"])
    last = int(run.tags.get("last", -1))
    if kept["tag"] and not (last in tried["tag"] and last >= max(kept["tag"])):
        yield f"the last tag is {last}, but {max(kept['tag'])} was acknowledged"
    counts["ends acknowledged"] += len(kept["end"])
    if kept["end"] and run.status != "FINISHED":
        yield f"is {run.status}, but its end was acknowledged"


def _files(store: Store, run: Run, kept: set[int], counts: Counter[str]) -> Iterator[str]:
    counts["files acknowledged"] += len(kept)
    for number in kept:
        try:
            content = read_bytes(store, run.run_id, f"f{number}.txt")
        except NotFound:
            yield f"lost the file f{number}.txt"
        else:
            if content.decode() != text_of(run.run_id, number):
                yield f"the file f{number}.txt is another"
