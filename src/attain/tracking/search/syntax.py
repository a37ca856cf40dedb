"""What a filter says, as a tree."""

from dataclasses import dataclass
from typing import Literal

Entity = Literal["metric", "param", "tag", "attribute", "dataset"]
Value = str | int | float


@dataclass(frozen=True)
class Field:
    """What a clause is about: a metric's latest value, a param, a tag, an attribute of the run or of a data set."""

    entity: Entity
    key: str


@dataclass(frozen=True)
class Compare:
    """`field operator value`; the operator is one of `operators.OPERATORS`."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True)
class In:
    """`field IN (values)`."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Missing:
    """`field IS NULL`."""

    field: Field


@dataclass(frozen=True)
class Not:
    """True where `part` is not."""

    part: "Filter"


@dataclass(frozen=True)
class And:
    """True where all parts are; without parts, everywhere."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    """True where a part is."""

    parts: tuple["Filter", ...]


Filter = Compare | In | Missing | Not | And | Or
EVERYTHING = And(())


def fields(part: Filter) -> set[Field]:
    """Every field that a filter asks for."""
    match part:
        case Compare(field) | In(field) | Missing(field):
            return {field}
        case Not(inner):
            return fields(inner)
        case And(parts) | Or(parts):
            return {field for p in parts for field in fields(p)}
