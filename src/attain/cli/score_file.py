"""`attain score MODEL FILE --out FILE`: a saved model's predictions for a file."""

import time
from pathlib import Path

from attain.cli.output import out, print_json
from attain.core.errors import UserError
from attain.tracking.store import open_store


def score_file(model: str, file: Path, to: Path | None, store: str | None, *, as_json: bool) -> None:
    """Score a file and say how it went.

    Raises:
        UserError: there is no `to`, no such model, or the file is not right.
    """
    from attain.serve.batch import score_file as scored  # with the words of the server: an extra
    from attain.serve.source import fetch, find

    if to is None:
        raise UserError("Where do the predictions go? Name a file: --out scores.parquet.")
    opened = None if Path(model).is_dir() else open_store(store)
    served = fetch(opened, find(opened, model))
    begun = time.perf_counter()
    done = scored(served, file, to)
    seconds = time.perf_counter() - begun
    if as_json:
        facts = {"rows": done.rows, "learners": done.learners, "questions": done.questions}
        print_json({"model": served.name, "version": served.version, "out": str(to), **facts})
        return
    said = f"{done.rows:,} rows of {done.learners:,} learners, {done.questions:,} of them without an answer"
    out.print(f"Scored {said}, by {served.name} version {served.version} in {seconds:.1f} s: {to}.", soft_wrap=True)
