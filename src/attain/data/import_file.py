"""A file of your own becomes a data set with a name: a card is written that says where it is and how to read it."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from attain.core.errors import UserError
from attain.data.card import dataset_names, read_card
from attain.data.dataset import Dataset
from attain.data.load import load_source


def import_file(
    name: str, source: Mapping[str, object], options: Mapping[str, object], *, folder: Path, title: str = ""
) -> tuple[Path, Dataset]:
    """Read the file once to see that it can be read, and write `datasets/<name>/card.yaml`; no row is copied.

    Args:
        name: of the data set.
        source: fields of `Source`; `file` is relative to the working folder.
        options: fields of `Options` that become the card's defaults.
        folder: where the folder `datasets` is.
        title: of the card; the file's name where not given.

    Returns:
        The card's path, and the data.

    Raises:
        UserError: the name is taken or not usable, or the file cannot be read.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(f"{name!r} cannot name a dataset: use small letters, digits and '_', starting with a letter.")
    if name in dataset_names():
        raise UserError(f"There is a dataset {name!r} already; choose another name.")
    dataset = load_source(source, options)
    path = folder / "datasets" / name / "card.yaml"
    file = Path(str(source["file"])).resolve()
    described = {key: value for key, value in source.items() if value not in (None, {}, (), [])}
    card = {
        "title": title or file.name,
        "tasks": ["knowledge_tracing"],
        "description": f"Imported from {file.name}.",
        "licence": {"name": "not stated", "redistribution": False},
        "variants": {"answers": {**described, "file": os.path.relpath(file, path.parent.resolve())}},
    }
    if options:
        card["options"] = dict(options)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {str(path)!r}: {error.strerror}.") from None
    read_card(path)
    return path, replace(dataset, name=name)
