"""Names of fields as they are written in filters and orders: `metrics.auc`, `params."my lr"`, `start_time`."""

from attain.tracking.search.syntax import Entity, Field
from attain.tracking.search.tokens import Token, fail

ENTITIES: dict[str, Entity] = {
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
}

ATTRIBUTES = {
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
}

NUMBERS = frozenset({"start_time", "end_time"})
"""Attributes that are numbers (ms); the others are text."""

DATASET_KEYS = ("name", "digest", "context")


def is_number(field: Field) -> bool:
    """Whether the field is compared with numbers (else with text)."""
    return field.entity == "metric" or (field.entity == "attribute" and field.key in NUMBERS)


def read_field(text: str, given: list[Token], at: int) -> tuple[Field, int]:
    """The field whose name begins at token `at`, and the number of the token after it.

    Raises:
        Invalid: there is no field of that name.
    """
    first = given[at]
    if first.kind not in ("word", "quoted") or first.quote == "'":
        found = f"found {first.text!r}" if first.kind != "end" else "the text ends"
        fail(
            text, first.at, f"expected a field such as metrics.auc, params.model, tags.team or start_time, but {found}"
        )
    words, after = _glued(given, at)
    if not first.quote and given[after].kind == "word" and f"{words} {given[after].text}" in ATTRIBUTES:
        return Field("attribute", "run_name"), after + 1
    prefix, dot, key = words.partition(".")
    if not dot:
        return _attribute(text, first, words), after
    if prefix not in ENTITIES:
        known = "metrics, params, tags, attributes, datasets"
        fail(text, first.at, f"{prefix!r} is not a kind of field; expected one of {known}")
    return _field(text, first, ENTITIES[prefix], key), after


def _glued(given: list[Token], at: int) -> tuple[str, int]:
    """The text of the words and quoted names that follow each other without space, and the token after them."""
    words, end = "", given[at].at
    while given[at].kind in ("word", "quoted") and given[at].quote != "'" and given[at].at == end:
        words += given[at].text
        end += len(given[at].text) + 2 * len(given[at].quote)
        at += 1
    return words, at


def _field(text: str, token: Token, entity: Entity, key: str) -> Field:
    if not key:
        fail(
            text, token.at, f"there is no name behind {token.text!r}; names with other signs need quotes: metrics.`a b`"
        )
    if entity == "attribute":
        return _attribute(text, token, key)
    if entity == "dataset" and key not in DATASET_KEYS:
        fail(text, token.at, f"a data set has no {key!r}; expected one of {', '.join(DATASET_KEYS)}")
    return Field(entity, key)


def _attribute(text: str, token: Token, key: str) -> Field:
    if key not in ATTRIBUTES:
        known = ", ".join(dict.fromkeys(ATTRIBUTES.values()))
        hint = f"; write metrics.{key}, params.{key} or tags.{key} if it is one of those" if key.isidentifier() else ""
        fail(text, token.at, f"a run has no attribute {key!r}{hint}. Attributes: {known}")
    return Field("attribute", ATTRIBUTES[key])
