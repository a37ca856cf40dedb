"""Days that give a leak away: of events after the cut-off, and of ends before it."""

from attain.data.enrolments import EVENTS, Enrolments
from attain.data.split import Fold
from attain.tasks.guard.finding import Finding


def later_events(fold: Fold[Enrolments]) -> list[Finding]:
    """Events and facts dated after the cut-off: nobody can know them on that day."""
    found = []
    as_of, unit = fold.test.as_of, fold.test.unit
    for name in EVENTS:
        parts = [part for part in (getattr(fold.train, name), getattr(fold.test, name)) if part is not None]
        days = [part.due if name == "schedule" else part.day for part in parts]
        late = sum(int((day > as_of).sum()) for day in days)
        if late:
            last = max(float(day.max()) for day in days if len(day))
            sentence = (
                f"{late:,} events of {name!r} lie after the cut-off ({unit} {as_of:g}), the last on {unit} {last:g}. "
                "Cut them before they are joined to anything."
            )
            found.append(Finding("later_events", name, sentence, {"events": late, "last": last}))
    for name, fact in fold.test.facts.items():
        if fact.known_from > as_of:
            sentence = (
                f"{name!r} is known from {unit} {fact.known_from:g} only, and the cut-off is {unit} {as_of:g}. "
                "Leave it out, or predict later."
            )
            found.append(Finding("later_events", name, sentence, {"known_from": fact.known_from}))
    return found


def left_already(fold: Fold[Enrolments]) -> list[Finding]:
    """Enrolments that had ended by the cut-off: what became of them is known, and they are the easiest."""
    as_of = fold.test.as_of
    n = len(fold.train) + len(fold.test)
    gone = sum(int((part.event_day <= as_of).sum()) for part in (fold.train, fold.test))
    if not gone:
        return []
    sentence = (
        f"{gone:,} of {n:,} enrolments had ended by the cut-off ({fold.test.unit} {as_of:g}), their outcome known. "
        "Predict only those that are under way."
    )
    return [Finding("left_already", "", sentence, {"enrolments": gone, "share": gone / n})]
