"""The rules for what may be written: names, values, sizes. The same as MLflow's, so that its client can write here."""

import math
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from attain.tracking.entities import STATUSES, MetricPoint, Status
from attain.tracking.errors import Invalid

KEY_LENGTH = 250
PARAM_LENGTH = 6_000
TAG_LENGTH = 8_000
NAME_LENGTH = 500
BATCH_METRICS, BATCH_PARAMS, BATCH_TAGS, BATCH_ALL = 1_000, 100, 100, 1_000
GREATEST = 1.7976931348623157e308
INT64 = 2**63

_KEY = re.compile(r"[/\w.\- :]+")


def checked_key(kind: str, key: object) -> str:
    """A name of a metric, param or tag.

    >>> checked_key("metric", "auc/gender:F")
    'auc/gender:F'

    Raises:
        Invalid: the name is empty, too long, has a character outside `_ - . : /`, space, letters and digits,
            or is a path that is not in its plain form.
    """
    if not isinstance(key, str) or not key:
        raise Invalid(f"The name of a {kind} is {key!r}; expected text that is not empty.")
    if len(key) > KEY_LENGTH:
        raise Invalid(f"The name of a {kind} has {len(key)} characters ({key[:40]!r}…); at most {KEY_LENGTH} fit.")
    if not _KEY.fullmatch(key):
        bad = next(character for character in key if not _KEY.fullmatch(character))
        raise Invalid(
            f"The {kind} name {key!r} has {bad!r} in it; "
            "names are made of letters, digits, spaces and the signs _ - . : and /."
        )
    if key.startswith(("/", "../")) or posixpath.normpath(key) != key or key in (".", ".."):
        raise Invalid(
            f"The {kind} name {key!r} is not a plain path: it must not begin or end with '/', "
            f"nor have '//', '.' or '..' between slashes."
        )
    return key


def checked_param(key: str, value: object) -> str:
    """The text that is kept of a param's value, cut to 6,000 characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid(f"Param {key!r} is {value!r}; expected text or a number.")
    return checked_text(f"Param {key!r}", str(value))[:PARAM_LENGTH]


def checked_tag(key: str, value: object) -> str:
    """The text that is kept of a tag's value, cut to 8,000 characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid(f"Tag {key!r} is {value!r}; expected text or a number.")
    return checked_text(f"Tag {key!r}", str(value))[:TAG_LENGTH]


def checked_params(params: Mapping[str, object]) -> dict[str, str]:
    """Names and values of params, each checked."""
    return {checked_key("param", key): checked_param(key, value) for key, value in params.items()}


def checked_tags(tags: Mapping[str, object]) -> dict[str, str]:
    """Names and values of tags, each checked."""
    return {checked_key("tag", key): checked_tag(key, value) for key, value in tags.items()}


def checked_text(what: str, text: str) -> str:
    """Text that every database can hold."""
    if "\x00" in text:
        raise Invalid(f"{what} has a NUL character in it, which a store cannot hold.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"{what} is not valid Unicode: a lone surrogate at character {error.start}.") from None
    return text


def checked_point(point: MetricPoint) -> MetricPoint:
    """A metric point as it is kept: an infinity becomes the greatest number of its sign.

    >>> checked_point(MetricPoint("loss", float("-inf"), timestamp=0)).value
    -1.7976931348623157e+308
    """
    checked_key("metric", point.key)
    if isinstance(point.value, bool) or not isinstance(point.value, float | int):
        raise Invalid(f"Metric {point.key!r} is {point.value!r}; expected a number.")
    value = _as_float(point.key, point.value)
    checked_time(f"The timestamp of metric {point.key!r}", point.timestamp)
    if type(point.step) is not int or not -INT64 <= point.step < INT64:
        raise Invalid(f"The step of metric {point.key!r} is {point.step!r}; expected a whole number of 64 bits.")
    if math.isinf(value):
        value = math.copysign(GREATEST, value)
    return MetricPoint(point.key, value, point.timestamp, point.step)


def checked_time(what: str, time: object) -> int:
    """A moment in ms since 1970."""
    if type(time) is not int or not 0 <= time < INT64:
        raise Invalid(f"{what} is {time!r}; expected milliseconds since 1970, a whole number from 0.")
    return time


def checked_status(status: object) -> Status:
    """One of the five states of a run."""
    if status not in STATUSES:
        raise Invalid(f"The status is {status!r}; expected one of {', '.join(STATUSES)}.")
    return cast(Status, status)


def checked_process(name: str) -> str:
    """A process as `liveness.this_process` names it."""
    if not re.fullmatch(r"[0-9a-f]{16}\.[0-9]{1,19}\.[0-9a-z]{0,32}", name):
        raise Invalid(f"The process is {name!r}; expected 16 hexadecimal digits, a process number and when it began.")
    return name


def checked_name(kind: str, name: object) -> str:
    """The name of an experiment or data set."""
    if not isinstance(name, str) or not name.strip():
        raise Invalid(f"The name of {kind} is {name!r}; expected text that is not blank.")
    if len(name) > NAME_LENGTH:
        raise Invalid(f"The name of {kind} has {len(name)} characters; at most {NAME_LENGTH} fit.")
    return checked_text(f"The name of {kind}", name)


def check_batch(metrics: Sequence[object], params: Iterable[object], tags: Iterable[object]) -> None:
    """Refuse a batch that is larger than a client may send at once."""
    counts = {"metrics": len(metrics), "params": len(list(params)), "tags": len(list(tags))}
    limits = {"metrics": BATCH_METRICS, "params": BATCH_PARAMS, "tags": BATCH_TAGS}
    for kind, count in counts.items():
        if count > limits[kind]:
            raise Invalid(f"The batch has {count} {kind}; at most {limits[kind]} fit in one. Send several batches.")
    if (total := sum(counts.values())) > BATCH_ALL:
        raise Invalid(f"The batch has {total} metrics, params and tags; at most {BATCH_ALL} fit in one.")


def _as_float(key: str, value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Invalid(f"Metric {key!r} is a whole number too great for a 64-bit float.") from None
