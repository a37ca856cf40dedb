"""The experiments that somebody may read."""

from attain.server.ui.ask import Ask
from attain.tracking.entities import Experiment

MOST = 10_000
PART = 1_000


def readable(ask: Ask) -> list[Experiment]:
    """The active experiments that may be read, the last made first; of more than 10,000 the last made."""
    found: list[Experiment] = []
    token: str | None = None
    for _ in range(MOST // PART):
        page = ask.store.list_experiments(max_results=PART, page_token=token)
        may = ask.readable("experiment", [one.experiment_id for one in page.items])
        found += [one for one in page.items if one.experiment_id in may]
        if (token := page.next_token) is None:
            break
    return found
