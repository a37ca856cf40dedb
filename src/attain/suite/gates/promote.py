"""Promotion: a version takes an alias when the checks allow it, and the ledger has the decision, whatever it was."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attain.audit.ledger import lines, signatures
from attain.audit.policy import PolicyFile
from attain.audit.record import json_path, read_record, sha256
from attain.core.errors import UserError
from attain.metrics.superiority import level_of
from attain.suite.gates.check import Check, Result, together
from attain.suite.gates.comparison import compared, look_at, measured, metric_for
from attain.suite.gates.contender import Contender, champion_of, contender, named, on_same_data, table_sha256
from attain.suite.gates.fairness import fair
from attain.suite.gates.freshness import fresh
from attain.tracking import artifacts
from attain.tracking.sql.ledger import Entry, Fact
from attain.tracking.sql.promotions import PROMOTED, ROLLED_BACK, about
from attain.tracking.sql.store import Store as Database

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Terms:
    """On what terms a version is judged.

    Attributes:
        policy: the institution's audit policy.
        metric: that decides; the first of the challenger's suite where none is named.
        margin: how much worse than the champion the challenger may be.
        cohorts: a file of cohorts; None for those of the data set.
        without_audit: why there is no audit; "" where there must be one.
        despite_unknown: whether it is promoted even where nobody can tell.
    """

    policy: PolicyFile
    metric: str | None = None
    margin: float = 0.0
    cohorts: Path | None = None
    without_audit: str = ""
    despite_unknown: bool = False


@dataclass(frozen=True)
class Decision:
    """What became of a promotion.

    Attributes:
        name: of the registered model.
        version: that was to be promoted.
        alias: as what.
        result: what was decided.
        before: the version that the alias named; None for none.
        checks: what was looked at.
        sentence: for people.
        remarks: what else must be said.
    """

    name: str
    version: int
    alias: str
    result: Result
    before: int | None
    checks: tuple[Check, ...]
    sentence: str
    remarks: tuple[str, ...] = ()


def promote(store: Database, name: str, version: str, alias: str, because: str, by: str, terms: Terms) -> Decision:
    """Check a version, let it take the alias where nothing speaks against it, and write the decision into the ledger.

    A challenger need only be finished, on data that are not stale. A champion must have an audit too; and where there
    is a champion already, must be better than it, and no gap between cohorts may have grown.

    Raises:
        UserError: what is asked cannot be decided: no reason, no audit, a run that did not finish, other data.
        Overtaken: somebody else moved the alias meanwhile.
    """
    if not because.strip():
        raise UserError('A promotion needs its reason: --because "…".')
    found = contender(store, store.registry.version(name, version))
    before = named(store, name, alias)
    assert found.version is not None
    if before == found.version:
        raise UserError(f"{found.called[0].upper()}{found.called[1:]} is the {alias} already.")
    checks, remarks = [fresh(store, found.run)], _moved_outside(store, name, alias, before)
    if alias == CHAMPION:
        checks.insert(0, _audited(store, found, terms.without_audit))
        if before is not None:
            against, said = _against(store, name, alias, found, terms, by)
            checks, remarks = [*against, *checks], [*said, *remarks]
    result = _result(checks, despite_unknown=terms.despite_unknown)
    decision = Decision(
        name, found.version, alias, result, before, tuple(checks), _sentence(found, alias, result, checks), (*remarks,)
    )
    _keep(store, decision, found, because, by)
    return decision


def history(store: Database, name: str, alias: str) -> list[int]:
    """The versions that took an alias by decision and were not rolled back, the oldest first."""
    taken: list[int] = []
    for line in moves(store, name, alias):
        if line.action == PROMOTED:
            taken.append(int(json.loads(line.details)["version"]))
        elif taken:
            taken.pop()
    return taken


def moves(store: Database, name: str, alias: str) -> list[Entry]:
    """The ledger's lines by which an alias was moved, the oldest first."""
    found = []
    for line in store.access.about(about(name), [PROMOTED, ROLLED_BACK]):
        said = json.loads(line.details)
        if said.get("alias") == alias and said.get("result", "promoted") == "promoted":
            found.append(line)
    return found


def _against(
    store: Database, name: str, alias: str, found: Contender, terms: Terms, by: str
) -> tuple[list[Check], list[str]]:
    champion = champion_of(store, name, alias)
    beside, said = on_same_data(store, champion, found)
    metric = metric_for(store, found, terms.metric)
    won = measured(store, beside, found, metric, margin=terms.margin)
    same_for_all = fair(store, beside, found, metric, terms.policy, terms.cohorts)
    look = store.registry.look(name, look_at(store, champion, beside, found, metric), by)
    better = compared(won, level_of(look))
    better = replace(better, figures=better.figures | {"look": look}, details=(_paid(look),))
    return [better, same_for_all], [said] if said else []


def _paid(look: int) -> str:
    before = "no comparison" if look == 1 else "one comparison" if look == 2 else f"{look - 1} comparisons"
    return f"It is look {look}: {before} with this champion or on these data went before."


def _audited(store: Database, found: Contender, without: str) -> Check:
    """The last audit of the version's run, whole and of the predictions that it has.

    Raises:
        UserError: there is none, and no reason why.
    """
    table, run = table_sha256(store, found.run), found.run
    own = [line for line in lines(store) if line.run_id == run.run_id and line.table_sha256 == table]
    if not own:
        if without.strip():
            return Check("audit", "passed", f"It has no audit, and the reason given is: {without.strip()}")
        raise UserError(
            f"{found.called[0].upper()}{found.called[1:]} has no audit. Make one (attain audit {run.run_id[:8]}), or "
            'say why there is none: --without-audit "…".'
        )
    line = own[0]
    content = artifacts.read_bytes(store, run.run_id, json_path(line.id))
    if sha256(content) != line.json_sha256:
        raise UserError(
            f"Audit {line.id} is not as it was sealed in the ledger; `attain audit verify {line.id}` says what changed."
        )
    gaps = sum(finding["verdict"] == "gap found" for finding in read_record(content)["results"]["findings"])
    signed = [one["by"] for one in signatures(store) if one["audit"] == line.id]
    words = f"signed by {', '.join(signed)}" if signed else "not signed by anybody"
    said = f"Audit {line.id} of {line.on} found {gaps or 'no'} gap{'s' * (gaps != 1)} between cohorts; it is {words}."
    return Check("audit", "passed", said, figures={"audit": line.id, "gaps": gaps, "signed": signed})


def _moved_outside(store: Database, name: str, alias: str, now: int | None) -> list[str]:
    taken = history(store, name, alias)
    last = taken[-1] if taken else None
    if last == now:
        return []
    was = "nothing" if last is None else f"version {last}"
    return [f"The ledger says that {alias} was {was}; it was moved without a decision since."]


def _result(checks: Sequence[Check], *, despite_unknown: bool) -> Result:
    worst = together(checks)
    if worst == "failed":
        return "refused"
    return "promoted" if worst == "passed" or despite_unknown else "inconclusive"


def _sentence(found: Contender, alias: str, result: Result, checks: Sequence[Check]) -> str:
    called = f"{found.called[0].upper()}{found.called[1:]}"
    if result == "promoted":
        unknown = [check.name for check in checks if check.outcome == "unknown"]
        despite = f", though nobody can tell of its {' and '.join(unknown)}" if unknown else ""
        return f"{called} is the {alias} now{despite}."
    wanted = "failed" if result == "refused" else "unknown"
    why = " ".join(check.sentence for check in checks if check.outcome == wanted)
    return f"{called} is {'refused' if result == 'refused' else 'not promoted: inconclusive'}. {why}"


def _keep(store: Database, decision: Decision, found: Contender, because: str, by: str) -> None:
    """The alias, if it moves, and the line in the ledger: both or neither."""
    figures = {check.name: check.figures for check in decision.checks}
    numbers = figures.get("comparison", {})
    said: dict[str, Fact] = {
        "alias": decision.alias,
        "version": decision.version,
        "from": decision.before,
        "result": decision.result,
        "because": because,
        "run": found.run.run_id,
        "checks": [f"{check.name}: {check.outcome}: {check.sentence}" for check in decision.checks],
        "remarks": list(decision.remarks),
        "audit": figures.get("audit", {}).get("audit"),
        **{key: numbers[key] for key in ("metric", "gain", "low", "high", "p", "margin", "look", "level") if numbers},
    }
    if decision.result != "promoted":
        store.access.record(by, PROMOTED, about(decision.name), said)
        return
    store.registry.move_alias(
        decision.name,
        decision.alias,
        decision.version,
        expected=decision.before,
        by=by,
        action=PROMOTED,
        said=said,
    )
