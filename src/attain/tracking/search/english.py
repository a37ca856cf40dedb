"""A filter as a reader says it."""

import re
from datetime import UTC, datetime

from attain.tracking.search.operators import OPERATORS
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import And, Compare, Field, Filter, In, Missing, Not, Or, Value


def english(text: str) -> str:
    """A filter in words; nothing for the empty one.

    >>> english("params.seed = '0' AND metrics.auc > 0.7")
    'seed = 0 and auc > 0.7'

    Raises:
        Invalid: the text is not a filter.
    """
    return _said(parse(text), inside=False)


def counted(count: int, text: str) -> str:
    """What a list of runs shows, in a sentence.

    >>> counted(26, "params.seed = '0' AND NOT (metrics.auc > 0.7 OR tags.team IS NULL)")
    '26 runs where seed = 0 and not (auc > 0.7 or there is no team)'
    """
    runs = "1 run" if count == 1 else f"{count:,} runs"
    return f"{runs} where {said}" if (said := english(text)) else runs


def _said(part: Filter, *, inside: bool) -> str:
    match part:
        case Compare(field, operator, value):
            return f"{_name(field)} {OPERATORS[operator].english} {_value(field, value)}"
        case In(field, values):
            return f"{_name(field)} is one of {', '.join(_value(field, value) for value in values)}"
        case Missing(field):
            return f"there is no {_name(field)}"
        case Not(Missing(field)):
            return f"there is a {_name(field)}"
        case Not(inner):
            return f"not ({_said(inner, inside=False)})"
        case And(parts):
            return " and ".join(_said(p, inside=True) for p in parts)
        case Or(parts):
            said = " or ".join(_said(p, inside=isinstance(p, Or)) for p in parts)
            return f"({said})" if inside else said


def _name(field: Field) -> str:
    return f"data set {field.key}" if field.entity == "dataset" else field.key


def _value(field: Field, value: Value) -> str:
    if isinstance(value, str):
        return value if re.fullmatch(r"[\w.+%-]+", value) else f"'{value}'"
    if field.entity == "attribute" and 0 <= value < 4e12:
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{value:g}" if isinstance(value, float) else str(value)
