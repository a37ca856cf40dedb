"""`attain new-model`: one file that a suite runs as it is, and its test."""

import keyword
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from attain.cli.output import print_json
from attain.core.errors import UserError, unknown

QUICK = {
    "knowledge_tracing": "quick",
    "dropout_prediction": "at_risk",
    "recommendation": "recommend_quick",
    "content_generation": "question_generation_quick",
    "answer_scoring": "short_answers",
}
"""The suite by which a model of each kind is tried first."""
KINDS = tuple(QUICK)


def new_model(
    kind: Annotated[str, typer.Argument(help=f"What it predicts: {', '.join(KINDS)}.", metavar="KIND")],
    name: Annotated[str, typer.Argument(help="Its name, in lower case: my_model.", metavar="NAME")],
    folder: Annotated[Path, typer.Option(help="Where to write the two files.")] = Path("."),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write a model that works, to change into yours, and its test."""
    kind = kind.replace("-", "_")
    if kind not in KINDS:
        raise unknown("kind of model", kind, KINDS)
    if not name.isidentifier() or keyword.iskeyword(name) or name != name.lower():
        raise UserError(f"{name!r} cannot name a model: use lower-case letters, digits and _, such as 'my_model'.")
    words = {"name": name, "title": name.replace("_", " ").capitalize(), "class_name": _class_name(name)}
    targets = {kind: folder / f"{name}.py", f"{kind}_test": folder / f"test_{name}.py"}
    for path in targets.values():
        if path.exists():
            raise UserError(f"{str(path)!r} exists already; choose another name or folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for template, path in targets.items():
        text = files("attain.cli").joinpath("templates", f"{template}.txt").read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(words), encoding="utf-8")
    if as_json:
        print_json({"model": str(targets[kind]), "test": str(targets[f"{kind}_test"])})
        return
    print(f"Wrote {targets[kind]} and {targets[f'{kind}_test']}.")
    print(f"\nTest it:    python -m pytest {targets[f'{kind}_test']}")
    print(f"Compare it: attain run {QUICK[kind]} --model {targets[kind]}:{words['class_name']}")


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_") if part)
