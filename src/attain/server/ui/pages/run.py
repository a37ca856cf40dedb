"""What is this run, and can I trust and repeat it?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from attain.charts.svg.lines import Line, Lines
from attain.core.direction import Direction
from attain.core.errors import UserError
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._primary import ARROWS, directions, guessed
from attain.server.ui.words import took
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store

PATH, NAME, NAV = "/runs/{run_id}", "run", ""
NOTE = "mlflow.note.content"
VALUES = "values.json"
MOST_CURVES, MOST_TEXT, POINTS = 12, 20_000, 400
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
TEXTS = (".txt", ".md", ".json", ".yaml", ".yml", ".csv", ".log", ".diff", ".patch", ".toml", ".py")
PROVENANCE = ("mlflow.source", "mlflow.user", "mlflow.parentRunId", "attain.", "mlflow.runName")


@dataclass(frozen=True)
class Measured:
    """One number of the run."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    told: str
    n: int | None
    said: str


@dataclass(frozen=True)
class File:
    """One file: how it is shown, and where it is fetched."""

    path: str
    size: int | None
    address: str
    image: bool
    text: str


@dataclass(frozen=True)
class Facts:
    """A run."""

    title: str
    run_id: str
    experiment_id: str
    experiment: str
    parent: str
    sentence: str
    status: str
    start: int
    end: int | None
    metrics: tuple[Measured, ...]
    by_cohort: tuple[tuple[str, Measured], ...]
    measured: tuple[Measured, ...]
    params: tuple[tuple[str, str], ...]
    curves: tuple[Lines, ...]
    figures: tuple[File, ...]
    files: tuple[File, ...]
    tags: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str, str], ...]
    note: str
    command: str
    deleted: bool
    running: bool


def needs(ask: Ask) -> list[Needs]:
    """The right to read the run; to change it for the form."""
    path = ("POST", "runs/set-tag") if ask.form is not None else ("GET", "runs/get")
    return [(*path, {"run_id": ask.parts["run_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store = ask.store
    run = store.get_run(ask.parts["run_id"])
    experiment = store.experiment(run.experiment_id)
    kept = store.artifacts_under(run.run_id)
    values = _values(store, run, kept)
    ways = directions(store, run.experiment_id)
    scored = [_scored(v, ways) for v in values if v.get("cohort") is None]
    known = {one.name for one in scored}
    files = [_file(store, run, one) for one in kept if not one.is_dir]
    return Facts(
        title=run.name,
        run_id=run.run_id,
        experiment_id=run.experiment_id,
        experiment=experiment.name,
        parent=run.parent_run_id or "",
        sentence=_sentence(run, experiment.name),
        status=run.shown_status,
        start=run.start_time,
        end=run.end_time,
        metrics=tuple(scored),
        by_cohort=tuple((str(v["cohort"]), _scored(v, ways)) for v in values if v.get("cohort") is not None),
        measured=tuple(_measured(run, known)),
        params=tuple(sorted(run.params.items())),
        curves=tuple(_curves(store, run)),
        figures=tuple(one for one in files if one.image),
        files=tuple(one for one in files if not one.image),
        tags=tuple((k, v) for k, v in sorted(run.tags.items()) if not k.startswith(PROVENANCE) and k != NOTE),
        provenance=tuple((k, v) for k, v in sorted(run.tags.items()) if k.startswith(PROVENANCE)),
        data=tuple((one.name, one.digest, one.tags.get("mlflow.data.context", "")) for one in run.inputs),
        note=run.tags.get(NOTE, ""),
        command=f"attain show {run.run_id[:8]}",
        deleted=run.lifecycle_stage == "deleted",
        running=run.shown_status == "running",
    )


def table(found: Facts) -> Table:
    """One line a number."""
    rows: list[list[object]] = [[m.name, "", m.value, m.low, m.high, m.n] for m in (*found.metrics, *found.measured)]
    rows += [[m.name, cohort, m.value, m.low, m.high, m.n] for cohort, m in found.by_cohort]
    return Table(["metric", "cohort", "value", "low", "high", "n"], rows)


def submit(ask: Ask) -> str:
    """Keep a note, or a tag, or take a tag away; gives where to go on."""
    run_id, form = ask.parts["run_id"], ask.form or {}
    if "note" in form:
        ask.store.log_batch(run_id, tags={NOTE: form["note"]})
        return f"/runs/{run_id}"
    key = (form.get("remove") or form.get("key", "")).strip()
    if not key:
        raise Invalid("The tag has no name. Go back and give it one.")
    if key.startswith(PROVENANCE):
        raise Invalid(f"The tag {key!r} says how the run came about and is not changed by hand. Take another name.")
    if form.get("remove"):
        ask.store.delete_tag(run_id, key)
    else:
        ask.store.log_batch(run_id, tags={key: form.get("value", "")})
    return f"/runs/{run_id}"


def _sentence(run: Run, experiment: str) -> str:
    model, data = run.tags.get("attain.model") or run.params.get("model"), run.tags.get("attain.dataset")
    what = f"{model} on {data}" if model and data else model or f"A run of {experiment}"
    ended = {"finished": f"took {took(run.start_time, run.end_time)}", "running": "is still running"}
    return f"{what}, by {run.user_id or 'somebody'}; it {ended.get(run.shown_status, f'is {run.shown_status}')}."


def _values(store: Store, run: Run, kept: list[ArtifactInfo]) -> list[dict[str, object]]:
    if VALUES not in {one.path for one in kept}:
        return []
    try:
        found = json.loads(read_bytes(store, run.run_id, VALUES))
    except (UserError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict) and "metric" in one] if isinstance(found, list) else []


def _scored(value: dict[str, object], directions: Mapping[str, Direction]) -> Measured:
    name = str(value["metric"])
    numbers = [one if isinstance(one := value.get(end), int | float) else None for end in ("value", "low", "high")]
    told = ARROWS.get(directions.get(name, guessed(name)), "")
    n = value.get("n_units")
    said = " ".join(str(value.get(word) or "") for word in ("reason", "note")).strip()
    return Measured(name, numbers[0], numbers[1], numbers[2], told, n if isinstance(n, int) else None, said)


def _measured(run: Run, known: set[str]) -> list[Measured]:
    """Numbers that stand in no table of values; ends and cohorts of those that do are left out."""
    out = []
    for key, value in sorted(run.metrics.items()):
        parts = from_key(key)
        if parts[0] not in known:
            out.append(Measured(" ".join(parts), value, None, None, "", None, ""))
    return out


def _curves(store: Store, run: Run) -> list[Lines]:
    """A chart for each metric that was logged at several steps."""
    out: list[Lines] = []
    for key, point in run.latest.items():
        if point.step == 0 or len(out) == MOST_CURVES:
            continue
        points = store.thinned_histories([run.run_id], key, POINTS)[run.run_id]
        if len(points) > 1:
            line = Line(key, [(float(p.step), p.value) for p in points])
            out.append(Lines(f"{key} by step", "step", key, [line]))
    return out


def _file(store: Store, run: Run, one: ArtifactInfo) -> File:
    address = f"/get-artifact?path={quote(one.path)}&run_uuid={run.run_id}"
    text = ""
    if one.path.endswith(TEXTS) and (one.size or 0) <= MOST_TEXT and one.path != VALUES:
        try:
            text = read_bytes(store, run.run_id, one.path).decode(errors="replace")
        except UserError as error:
            text = f"This file cannot be read: {error}"
    return File(one.path, one.size, address, one.path.endswith(IMAGES), text)
