"""Names of fields as they are written in filters and orders: `metrics.auc`, `params."my lr"`, `start_time`."""

from collections.abc import Mapping
from dataclasses import dataclass

from attain.tracking.search.syntax import Entity, Field
from attain.tracking.search.tokens import Token, fail

KINDS = ("metrics", "params", "tags", "attributes", "datasets")
DATASET_KEYS = ("name", "digest", "context")


@dataclass(frozen=True)
class Words:
    """The names that the fields of one kind of thing have.

    Attributes:
        thing: what is searched, for messages.
        example: fields that it has, for messages.
        entities: what may stand before the dot.
        attributes: how attributes may be written, and what each is.
        numbers: the attributes that are numbers; the others are text.
        bare_text: text may be written without quotes.
    """

    thing: str
    example: str
    entities: Mapping[str, Entity]
    attributes: Mapping[str, str]
    numbers: frozenset[str]
    bare_text: bool = False

    def is_number(self, field: Field) -> bool:
        """Whether the field is compared with numbers (else with text)."""
        return field.entity == "metric" or (field.entity == "attribute" and field.key in self.numbers)


RUNS = Words(
    thing="a run",
    example="metrics.auc, params.model, tags.team or start_time",
    entities={
        "metric": "metric",
        "metrics": "metric",
        "param": "param",
        "params": "param",
        "parameter": "param",
        "parameters": "param",
        "tag": "tag",
        "tags": "tag",
        "attribute": "attribute",
        "attributes": "attribute",
        "attr": "attribute",
        "run": "attribute",
        "dataset": "dataset",
        "datasets": "dataset",
    },
    attributes={
        "run_id": "run_id",
        "run_name": "run_name",
        "Run Name": "run_name",
        "Run name": "run_name",
        "run name": "run_name",
        "status": "status",
        "artifact_uri": "artifact_uri",
        "user_id": "user_id",
        "start_time": "start_time",
        "created": "start_time",
        "Created": "start_time",
        "end_time": "end_time",
    },
    numbers=frozenset({"start_time", "end_time"}),
)
"""Times are in ms."""


def read_field(text: str, given: list[Token], at: int, words: Words) -> tuple[Field, int]:
    """The field whose name begins at token `at`, and the number of the token after it.

    Raises:
        Invalid: there is no field of that name.
    """
    first = given[at]
    if first.kind not in ("word", "quoted") or first.quote == "'":
        found = f"found {first.text!r}" if first.kind != "end" else "the text ends"
        fail(text, first.at, f"expected a field such as {words.example}, but {found}")
    name, after = _glued(given, at)
    if not first.quote and given[after].kind == "word" and (two := f"{name} {given[after].text}") in words.attributes:
        return Field("attribute", words.attributes[two]), after + 1
    prefix, dot, key = name.partition(".")
    if not dot:
        return _attribute(text, first, name, words), after
    if prefix not in words.entities:
        known = ", ".join(kind for kind in KINDS if kind in words.entities)
        fail(text, first.at, f"{prefix!r} is not a kind of field; expected one of {known}")
    return _field(text, first, prefix, key, words), after


def _glued(given: list[Token], at: int) -> tuple[str, int]:
    """The text of the words and quoted names that follow each other without space, and the token after them."""
    words, end = "", given[at].at
    while given[at].kind in ("word", "quoted") and given[at].quote != "'" and given[at].at == end:
        words += given[at].text
        end += len(given[at].text) + 2 * len(given[at].quote)
        at += 1
    return words, at


def _field(text: str, token: Token, prefix: str, key: str, words: Words) -> Field:
    entity = words.entities[prefix]
    if not key:
        fail(
            text, token.at, f"there is no name behind {token.text!r}; names with other signs need quotes: metrics.`a b`"
        )
    if entity == "attribute":
        return _attribute(text, token, key, words)
    if entity == "dataset" and key not in DATASET_KEYS:
        fail(text, token.at, f"a data set has no {key!r}; expected one of {', '.join(DATASET_KEYS)}")
    return Field(entity, key)


def _attribute(text: str, token: Token, key: str, words: Words) -> Field:
    if key not in words.attributes:
        known = ", ".join(dict.fromkeys(words.attributes.values()))
        kinds = [f"{kind}.{key}" for kind in ("metrics", "params", "tags") if kind in words.entities]
        listed = " or ".join([", ".join(kinds[:-1]), kinds[-1]] if kinds[1:] else kinds)
        hint = f"; write {listed} if it is one of those" if key.isidentifier() else ""
        fail(text, token.at, f"{words.thing} has no attribute {key!r}{hint}. Attributes: {known}")
    return Field("attribute", words.attributes[key])
