"""What is this run, and can I trust and repeat it?"""

from dataclasses import dataclass

from attain.charts.svg.lines import Lines
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.markdown import marked_up
from attain.server.ui.pages._primary import declared_all
from attain.server.ui.pages._run_charts import Answers, curves, of_predictions
from attain.server.ui.pages._run_files import File, Preview, figures, listed, preview
from attain.server.ui.pages._run_provenance import MADE, Made, made, params_set
from attain.server.ui.pages._run_values import Measured, measured, scored, values_of
from attain.server.ui.tables import MASTERY
from attain.server.ui.words import took
from attain.tracking.entities import Page, Run
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store

PATH, NAME, NAV = "/runs/{run_id}", "run", ""
REPEATED = ("suite", "model", "project")
"""Kinds of runs that `attain reproduce` runs again."""
NOTE = "mlflow.note.content"
BESIDE = "attain.beside"
"""Tag with what a task says beside its figures."""
MOST_BELOW = 50
DRAWN = {"figures/roc.png", "figures/calibration.png"}
"""Pictures of a suite that show what charts of the page show."""


@dataclass(frozen=True)
class Part:
    """A run below this one: a model of a suite, a fold of a model."""

    name: str
    status: str
    address: str


@dataclass(frozen=True)
class Facts:
    """A run.

    Attributes:
        units: what its intervals were drawn over.
        beside: what must be read with its results; "" for nothing.
        params: those that somebody set; `usual` are as they are by default.
        answers: charts of its predictions; `undrawn` says why there are none.
        note: as it was typed; `note_html` as Markdown, "" where it is too long for that.
        preview: of the file that the address names.
        mastery: whether the run says who knows what.
        texts: whether it generated texts.
        below: runs that this one is made of, the first of them.
    """

    title: str
    run_id: str
    units: str
    beside: str
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
    usual: tuple[tuple[str, str], ...]
    curves: tuple[Lines, ...]
    answers: Answers
    undrawn: str
    figures: tuple[File, ...]
    files: tuple[File, ...]
    preview: Preview | None
    tags: tuple[tuple[str, str], ...]
    made: Made
    note: str
    note_html: str
    command: str
    repeats: str
    deleted: bool
    running: bool
    mastery: bool
    texts: bool
    below: tuple[Part, ...]
    more_below: bool


def needs(ask: Ask) -> list[Needs]:
    """The right to read the run; to change it for the form."""
    path = ("POST", "runs/set-tag") if ask.form is not None else ("GET", "runs/get")
    return [(*path, {"run_id": ask.parts["run_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store = ask.store
    run = store.get_run(ask.parts["run_id"])
    experiment = store.experiment(run.experiment_id)
    kept = [one for one in store.artifacts_under(run.run_id) if not one.is_dir]
    values = values_of(store, run, kept)
    declared = {one.name: one for one in declared_all(store, run.experiment_id)}
    overall = {m.name: m for m in (scored(v, declared) for v in values if v.get("cohort") is None)}
    answers, undrawn = of_predictions(store, run, kept, overall)
    chosen, below = params_set(run), _below(store, run)
    params = sorted(run.params.items(), key=lambda one: (one[0].startswith("dataset."), one[0]))
    note = run.tags.get(NOTE, "")
    return Facts(
        title=run.name,
        run_id=run.run_id,
        units=run.units,
        beside=run.tags.get(BESIDE, ""),
        experiment_id=run.experiment_id,
        experiment=experiment.name,
        parent=run.parent_run_id or "",
        sentence=_sentence(run, experiment.name),
        status=run.shown_status,
        start=run.start_time,
        end=run.end_time,
        metrics=tuple(overall.values()),
        by_cohort=tuple((str(v["cohort"]), scored(v, declared)) for v in values if v.get("cohort") is not None),
        measured=tuple(measured(run, set(overall))),
        params=tuple(one for one in params if _is_set(one[0], chosen)),
        usual=tuple(one for one in params if not _is_set(one[0], chosen)),
        curves=tuple(curves(store, run)),
        answers=answers,
        undrawn=undrawn,
        figures=figures(store, run.run_id, kept, DRAWN if answers else set()),
        files=tuple(listed(run.run_id, one) for one in kept),
        preview=preview(store, run.run_id, kept, ask.one("file")),
        tags=tuple((k, v) for k, v in sorted(run.tags.items()) if not k.startswith(MADE) and k != NOTE),
        made=made(ask, run),
        note=note,
        note_html=marked_up(note),
        command=f"attain show {run.run_id[:8]}",
        repeats=f"attain reproduce {run.run_id[:8]}" if run.tags.get("attain.kind") in REPEATED else "",
        deleted=run.lifecycle_stage == "deleted",
        running=run.shown_status == "running",
        mastery=MASTERY in {one.path for one in kept},
        texts=run.tags.get("attain.task") == "content_generation",
        below=tuple(Part(one.name, one.shown_status, f"/runs/{one.run_id}") for one in below.items),
        more_below=bool(below.next_token),
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
    if key.startswith(MADE):
        raise Invalid(f"The tag {key!r} says how the run came about and is not changed by hand. Take another name.")
    if form.get("remove"):
        ask.store.delete_tag(run_id, key)
    else:
        ask.store.log_batch(run_id, tags={key: form.get("value", "")})
    return f"/runs/{run_id}"


def _below(store: Store, run: Run) -> Page[Run]:
    """Runs below this one, the first started first."""
    mine = f"tags.`mlflow.parentRunId` = '{run.run_id}'"
    return store.search_runs([run.experiment_id], mine, order_by=["attributes.start_time ASC"], max_results=MOST_BELOW)


def _is_set(name: str, chosen: frozenset[str] | None) -> bool:
    """Whether somebody set a param; all count as set where a run does not say, and those that are none of a model's."""
    return chosen is None or name in chosen or not name.startswith("model.")


def _sentence(run: Run, experiment: str) -> str:
    model, data = run.tags.get("attain.model") or run.params.get("model"), run.tags.get("attain.dataset")
    project, entry = run.tags.get("attain.project"), run.tags.get("attain.entry")
    what = f"{model} on {data}" if model and data else model or f"A run of {experiment}"
    if project and entry:
        what = f"Entry {entry} of the project {project}"
    ended = {"finished": f"took {took(run.start_time, run.end_time)}", "running": "is still running"}
    return f"{what}, by {run.user_id or 'somebody'}; it {ended.get(run.shown_status, f'is {run.shown_status}')}."
