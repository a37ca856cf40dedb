"""What is this data, and what hangs on it?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from attain.audit.record import FOLDER
from attain.core.card import CardWords
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._data import Use, card_of, used
from attain.server.ui.pages._data_said import Cohorts, Fingerprint, cohorts, fingerprints
from attain.server.ui.pages._readable import readable
from attain.tracking.entities import Experiment, Run
from attain.tracking.errors import NotFound
from attain.tracking.sql.data_lineage import Made

PATH, NAME, NAV = "/datasets/{name}", "dataset", ""
SHOWN, MOST_DESCRIBED = 50, 200
UNITS: dict[tuple[str, ...], str] = {("content_generation",): "prompts", ("answer_scoring",): "questions"}
"""What the data sets of some tasks are made of, where it is not learners."""


@dataclass(frozen=True)
class Card:
    """What the card says to people."""

    title: str
    description: str
    tasks: tuple[str, ...]
    licence: str
    terms: str
    handed_on: bool
    citation: str
    how_to_get: str
    faults: tuple[str, ...]
    pseudonymous: bool


@dataclass(frozen=True)
class Version:
    """A version of a registered model."""

    name: str
    version: int
    address: str


@dataclass(frozen=True)
class Hanging:
    """One run that read the data: how it parted the learners, and what was made of it."""

    digest: str
    split: str
    rules: str
    run_id: str
    run: str
    status: str
    at: int
    experiment_id: str
    experiment: str
    versions: tuple[Version, ...]
    audits: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """One data set."""

    title: str
    units: str
    card: Card | None
    problem: str
    use: Use
    fingerprints: tuple[Fingerprint, ...]
    cohorts: tuple[Cohorts, ...]
    said: str
    lineage: tuple[Hanging, ...]
    command: str


def needs(ask: Ask) -> list[Needs]:
    """A list, of which `facts` shows what may be read."""
    return [("GET", "experiments/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page.

    Raises:
        NotFound: there is no such data set, or nothing of it that may be read.
    """
    name = ask.one("name") or ask.parts["name"]
    experiments = {one.experiment_id: one for one in readable(ask)}
    lineage, numbers = ask.store.lineage, list(experiments)
    known, shown = lineage.known(numbers, name), card_of(name)
    if not known and shown is None:
        raise NotFound(f"There is no data set {name[:80]!r} here that you may see; the page of data sets lists them.")
    described = lineage.described(numbers, name, MOST_DESCRIBED)
    states = fingerprints(known, described)
    runs = lineage.readers(numbers, name, SHOWN)
    hanging = _hanging(ask, runs, experiments)
    use = used(known)
    return Facts(
        title=name,
        units=UNITS.get(shown.words.tasks, "learners") if shown and shown.words else "learners",
        card=_card(shown.words) if shown and shown.words else None,
        problem=shown.problem if shown else "",
        use=use,
        fingerprints=tuple(states),
        cohorts=tuple(cohorts(states[0].digest, described)) if states else (),
        said=_said(hanging, use),
        lineage=tuple(hanging),
        command=f"attain data show {json.dumps(name.split(' ')[0])}",
    )


def table(found: Facts) -> Table:
    """One line a run that read it."""
    head = ["data set", "fingerprint", "split", "rules", "run", "name", "status", "started", "experiment"]
    rows: list[list[object]] = []
    for one in found.lineage:
        versions = ", ".join(f"{v.name} {v.version}" for v in one.versions)
        made = [found.title, one.digest, one.split, one.rules, one.run_id, one.run, one.status, one.at, one.experiment]
        rows.append([*made, versions, ", ".join(one.audits)])
    return Table([*head, "model versions", "audits"], rows)


def _card(words: CardWords) -> Card:
    return Card(
        words.title,
        words.description,
        tuple(task.replace("_", " ") for task in words.tasks),
        words.licence.name,
        words.licence.terms,
        words.licence.redistribution,
        words.citation,
        words.how_to_get,
        words.faults,
        words.pseudonymous,
    )


def _hanging(ask: Ask, runs: Sequence[Run], experiments: dict[str, Experiment]) -> list[Hanging]:
    ids = [run.run_id for run in runs]
    made = ask.store.lineage.made_by(ids)
    may = ask.readable("model", sorted({one.model for one in made}))
    versions: dict[str, list[Version]] = {}
    for one in made:
        if one.model in may:
            versions.setdefault(one.run_id, []).append(_version(one))
    audits: dict[str, list[str]] = {}
    for run_id, path in ask.store.lineage.files_in(ids, FOLDER):
        if path.endswith(".json"):
            audits.setdefault(run_id, []).append(path.removeprefix(f"{FOLDER}/").removesuffix(".json"))
    return [
        Hanging(
            digest=run.tags.get("attain.data_fingerprint") or next((one.digest for one in run.inputs), ""),
            split=split_said(run.tags.get("attain.split", "")),
            rules=run.tags.get("attain.protocol_key", "")[:12],
            run_id=run.run_id,
            run=run.name,
            status=run.shown_status,
            at=run.start_time,
            experiment_id=run.experiment_id,
            experiment=experiments[run.experiment_id].name,
            versions=tuple(versions.get(run.run_id, [])),
            audits=tuple(audits.get(run.run_id, [])),
        )
        for run in runs
    ]


def _version(one: Made) -> Version:
    return Version(one.model, one.version, f"/models/{quote(one.model, safe='')}")


def split_said(text: str) -> str:
    """How a suite parted the learners, in words.

    >>> split_said('{"by": "learner", "folds": 5, "only": null, "seed": 0}')
    'by learner, folds 5, seed 0'
    """
    try:
        found = json.loads(text)
    except ValueError:
        return text[:80]
    if not isinstance(found, dict):
        return text[:80]
    return ", ".join(f"{key} {value}" for key, value in found.items() if value not in (None, "", [], {}))[:200]


def _said(hanging: Sequence[Hanging], use: Use) -> str:
    """How much hangs on the data, in a sentence."""
    if not hanging:
        return ""
    counts = [
        ("fingerprint", len({one.digest for one in hanging if one.digest})),
        ("split", len({one.split for one in hanging if one.split})),
        ("run", len(hanging)),
        ("model version", len({v for one in hanging for v in one.versions})),
        ("audit", sum(len(one.audits) for one in hanging)),
    ]
    told = " → ".join(f"{count} {word}{'s' * (count != 1)}" for word, count in counts)
    left = f", the last {len(hanging)} of {use.runs:,}" if use.runs > len(hanging) else ""
    return f"{told}{left}."
