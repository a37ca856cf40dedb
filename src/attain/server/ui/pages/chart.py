"""Which settings go with good results, over many runs of an experiment?"""

from dataclasses import dataclass
from urllib.parse import urlencode

from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._kinds import KINDS, narrowed
from attain.server.ui.pages._many import Drawn, drawn
from attain.server.ui.pages._primary import declared, seen
from attain.tracking.search.english import counted

PATH, NAME, NAV = "/experiments/{experiment_id}/chart", "chart", ""
MOST, MOST_COMPARED = 1000, 20


@dataclass(frozen=True)
class Facts:
    """Many runs as drawings."""

    title: str
    experiment_id: str
    said: str
    filter: str
    kind: str
    drawn: Drawn
    runs: int
    list_address: str
    compare_address: str
    reset_address: str


def needs(ask: Ask) -> list[Needs]:
    """The right to read the experiment."""
    return [("GET", "experiments/get", {"experiment_id": ask.parts["experiment_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store, number = ask.store, ask.parts["experiment_id"]
    experiment = store.experiment(number)
    typed, kind = ask.one("filter").strip(), ask.one("kind", "all")
    both = narrowed(typed, kind)
    total = store.count_runs([number], both)
    runs = store.search_runs([number], both, ["attributes.start_time DESC"], MOST).items
    metrics = declared(store, number) or seen(runs)
    said = counted(total, typed) + (f", of kind {kind}" if kind in KINDS and kind != "all" else "")
    if total > len(runs):
        said += f"; the last {len(runs):,} are drawn"
    found = drawn(ask, runs, [one for one in metrics if any(one.key in run.metrics for run in runs)])
    back = [(name, value) for name, value in (("filter", typed), ("kind", kind)) if value]
    address = f"/experiments/{number}?{urlencode(back)}"
    few = [("run", run_id) for run_id in found.picked[:MOST_COMPARED]]
    return Facts(
        title=f"Charts of {experiment.name}",
        experiment_id=number,
        said=said,
        filter=typed,
        kind=kind,
        drawn=found,
        runs=len(runs),
        list_address=address,
        compare_address=f"/compare?{urlencode(few)}" if len(few) > 1 else "",
        reset_address=f"{ask.path}?{urlencode(back)}",
    )


def table(found: Facts) -> Table:
    """One line a run: what stands on its axes, and whether it is picked."""
    head, rows = found.drawn.parallel.table()
    return Table(["run", *head[1:]], rows)
