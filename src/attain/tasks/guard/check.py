"""The guard of dropout prediction: looks at a fold before a model is fitted, and stops what would flatter it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from attain.core.errors import UserError, unknown
from attain.data.enrolments import Enrolments
from attain.data.split import Fold
from attain.tasks.guard.copies import copied_rows
from attain.tasks.guard.days import later_events, left_already
from attain.tasks.guard.features import identifiers, label_in_feature
from attain.tasks.guard.finding import Finding
from attain.tasks.guard.parts import not_by_time, shared_learners

logger = logging.getLogger(__name__)

DETECTORS: Mapping[str, Callable[[Fold[Enrolments]], list[Finding]]] = {
    detector.__name__: detector
    for detector in (
        label_in_feature,
        identifiers,
        later_events,
        left_already,
        copied_rows,
        shared_learners,
        not_by_time,
    )
}
"""All detectors, by the name that a suite allows them by."""


def check(
    fold: Fold[Enrolments], allow: Mapping[str, str] | None = None, *, learners_apart: bool = False
) -> list[Finding]:
    """What the detectors find in a fold, those that the suite allows marked with its reason.

    Args:
        fold: one fold, outcomes included.
        allow: detector to the reason why its findings may pass; each reason that is needed is logged.
        learners_apart: whether the split promises that no learner is in both parts. One by term does not: who was
            enrolled before is history there, as in use.

    Raises:
        UserError: `allow` names no detector, or gives no reason.
    """
    allow = checked_allow(allow or {})
    found = []
    for name, detector in DETECTORS.items():
        if name == shared_learners.__name__ and not learners_apart:
            continue
        found += [replace(finding, allowed=allow.get(name)) for finding in detector(fold)]
    for finding in found:
        if finding.stops and finding.allowed:
            logger.warning("%s, allowed: %s (%s)", finding.detector, finding.sentence, finding.allowed)
    return found


def refuse(findings: Sequence[Finding]) -> None:
    """Stop a run that has findings for which the suite gives no reason.

    Raises:
        UserError: there is one; all are listed.
    """
    bad = [finding for finding in findings if finding.stops and not finding.allowed]
    if bad:
        names = list(dict.fromkeys(finding.detector for finding in bad))
        listed = "\n".join(f"- {finding.detector}: {finding.sentence}" for finding in bad)
        raise UserError(
            f"The protocol guard stops this run:\n{listed}\nMend it, or say in the suite why it may stand: "
            f"`allow: {{{names[0]}: why}}`."
        )


def checked_allow(allow: Mapping[str, str]) -> Mapping[str, str]:
    """The reasons, as they were given.

    Raises:
        UserError: one names no detector, or is empty.
    """
    for name, reason in allow.items():
        if name not in DETECTORS:
            raise unknown("detector", name, DETECTORS)
        if not reason.strip():
            raise UserError(f"`allow` names {name!r} without a reason; say why its findings may stand.")
    return allow
