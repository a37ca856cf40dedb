"""What pages of data sets share: their addresses, their cards, and which runs read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from attain.core.card import Shown, cards, words_of
from attain.tracking.sql.data_lineage import Known

ODD = ("/", ".json", ".csv")
"""What a name may not have or end in to stand in a path, where it would lead elsewhere."""


@dataclass(frozen=True)
class Use:
    """How a data set, or one of its fingerprints, is used by the runs that may be read."""

    digests: tuple[str, ...]
    runs: int
    last: int | None


def address_of(name: str) -> str:
    """The page of a data set, whatever it is called.

    >>> address_of("oulad as_of=28"), address_of("train.csv")
    ('/datasets/oulad%20as_of%3D28', '/datasets/-?name=train.csv')
    """
    if "/" in name or name.endswith(ODD) or name in (".", "..", "-"):
        return f"/datasets/-?{urlencode({'name': name})}"
    return f"/datasets/{quote(name, safe='')}"


def card_name(name: str, known: Iterable[str]) -> str:
    """The card that a name is about, for in a suite options may stand behind it; "" for none.

    >>> card_name("oulad as_of=28", ["oulad", "simulated"]), card_name("mine", ["oulad"])
    ('oulad', '')
    """
    return next((one for one in (name, name.split(" ", maxsplit=1)[0]) if one in known), "")


def card_of(name: str) -> Shown | None:
    """The card of a data set; None where it has none."""
    known = cards()
    own = card_name(name, known)
    return words_of(known[own]) if own else None


def used(known: Iterable[Known]) -> Use:
    """Uses taken together, the last used fingerprint first."""
    found = list(known)
    digests = tuple(dict.fromkeys(one.digest for one in found if one.digest))
    return Use(digests, sum(one.runs for one in found), max((one.last for one in found), default=None))
