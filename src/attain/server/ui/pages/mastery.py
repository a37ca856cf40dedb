"""Who knows what, by this run's model: learners by skills, one learner's course, and which skills are hard."""

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attain.charts.svg.dots import DotChart
from attain.charts.svg.lines import Lines
from attain.core.errors import UserError
from attain.core.extras import not_installed
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.tables import MASTERY
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store

if TYPE_CHECKING:
    from attain.server.ui.pages._mastery_grid import Grid

PATH, NAME, NAV = "/runs/{run_id}/mastery", "mastery", ""
LEVEL = 0.95
SAY_MASTERY = ("akt", "bkt", "dkt", "dkt_plus", "dkvmn", "pybkt", "sakt", "simplekt", "sskt")
"""Models that come with attain and say how well each skill is known."""
MOST_BESIDE = 200


@dataclass(frozen=True)
class Facts:
    """Mastery by a run's model.

    Attributes:
        problem: why there is nothing to see, in a sentence; "" where there is.
        beside: runs that belong together with this one and say mastery, where this one does not: name and address.
        models: those of attain that say mastery.
        teach: a command after which there is something to see; "" where there is.
        learner: whose course was asked for; `unknown` says so where there is none.
        courses: of that learner.
        skills: the skills shown beside each other.
        level: of mastery, from which on a skill counts as known.
    """

    title: str
    run_id: str
    name: str
    experiment_id: str
    experiment: str
    learner: str
    level: float
    command: str
    sentence: str = ""
    problem: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    teach: str = ""
    models: tuple[str, ...] = SAY_MASTERY
    grid: "Grid | None" = None
    unknown: str = ""
    courses: tuple[Lines, ...] = ()
    skills: tuple[DotChart, ...] = ()


def needs(ask: Ask) -> list[Needs]:
    """The right to read the run."""
    return [("GET", "runs/get", {"run_id": ask.parts["run_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store, run = ask.store, ask.store.get_run(ask.parts["run_id"])
    found = Facts(
        title=f"Who knows what: {run.name}",
        run_id=run.run_id,
        name=run.name,
        experiment_id=run.experiment_id,
        experiment=store.experiment(run.experiment_id).name,
        learner=ask.one("learner")[:200],
        level=_level(ask),
        command=f"attain files {run.run_id[:8]} {MASTERY} --to tables",
    )
    if not store.artifacts_under(run.run_id, MASTERY):
        beside, suite = _beside(store, run), shlex.quote(run.tags.get("attain.suite", "quick"))
        teach = "" if beside else f"attain run {suite} --model bkt"
        return replace(
            found, problem=_why_none(run), beside=beside, teach=teach, command=f"attain show {run.run_id[:8]}"
        )
    try:
        return _filled(ask, found)
    except UserError as error:
        return replace(found, problem=f"Mastery cannot be shown: {error}")


def table(found: Facts) -> Table:
    """One line a learner of the page, one column a skill."""
    if found.grid is None:
        return Table(["learner", "mean", "answers"], [])
    head = ["learner", "mean", "answers", *(column.skill for column in found.grid.columns)]
    return Table(head, [[row.learner, row.mean, row.answers, *row.cells] for row in found.grid.rows])


def _filled(ask: Ask, found: Facts) -> Facts:
    try:
        from attain.server.ui.pages import _mastery_charts, _mastery_grid, _mastery_kept
    except ModuleNotFoundError as error:
        raise not_installed("A table of mastery", error) from None
    kept = _mastery_kept.kept_by(ask.store, found.run_id)
    grid = _mastery_grid.grid(ask, kept)
    known = found.learner in kept.learners
    return replace(
        found,
        sentence=_mastery_kept.sentence(kept, found.level),
        grid=grid,
        unknown="" if known or not found.learner else f"No learner {found.learner!r} answered in this run.",
        courses=_mastery_charts.courses(kept, found.learner) if known else (),
        skills=_mastery_charts.by_skill(kept, [column.skill for column in grid.columns], found.level),
    )


def _level(ask: Ask) -> float:
    try:
        level = float(ask.one("level") or LEVEL)
    except ValueError:
        return LEVEL
    return level if 0 < level <= 1 else LEVEL


def _why_none(run: Run) -> str:
    if run.shown_status == "running":
        return "This run is still going on; what it says of mastery is kept when it ends."
    if run.tags.get("attain.kind") == "suite":
        return "This is a suite of several models; each model's own run says what its learners know."
    model = run.tags.get("attain.model") or run.params.get("model") or "This run"
    return f"{model} keeps no table of mastery: not every model says how well a skill is known."


def _beside(store: Store, run: Run) -> tuple[tuple[str, str], ...]:
    """Runs of models that say mastery, of the same suite."""
    parent = run.run_id if run.tags.get("attain.kind") == "suite" else run.parent_run_id
    if parent is None or not parent.isalnum():
        return ()
    found = store.search_runs([run.experiment_id], f"tags.`mlflow.parentRunId` = '{parent}'", max_results=MOST_BESIDE)
    ours = [one for one in found.items if one.tags.get("attain.model") in SAY_MASTERY and one.run_id != run.run_id]
    return tuple((one.name, f"/runs/{one.run_id}/mastery") for one in ours)
