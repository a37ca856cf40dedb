"""What people name: a run by how its id begins, an experiment by its name."""

from attain.core.errors import UserError
from attain.tracking.entities import Run
from attain.tracking.store import Store


def find_run(store: Store, text: str) -> Run:
    """The run with an id, or with an id that begins so.

    Raises:
        UserError: there is none, or more than one.
    """
    everywhere = list(experiments(store).values())
    if not text or not text.isalnum():
        raise UserError(
            f"{text!r} is not the id of a run (32 of 0-9 and a-f, or how it begins). `attain runs` lists them."
        )
    found = store.search_runs(everywhere, f"attributes.run_id LIKE '{text}%'", max_results=3).items
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserError(f"There is no run {text!r} in {store.place}. `attain runs` lists what there is.")
    raise UserError(
        f"{text!r} is the beginning of several run ids: {', '.join(r.run_id for r in found)}; give more of it."
    )


def experiments(store: Store) -> dict[str, str]:
    """Every experiment: its name to its id."""
    found: dict[str, str] = {}
    token = None
    while True:
        page = store.list_experiments(page_token=token)
        found |= {e.name: e.experiment_id for e in page.items}
        if (token := page.next_token) is None:
            return found
