"""The rules for names in the model registry, the same as MLflow's."""

import re
from typing import cast
from urllib.parse import SplitResult, urlsplit

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import MODEL_STATUSES, STAGES, ModelStatus, VersionStage
from attain.tracking.rules import checked_key, checked_name, checked_text

ALIAS_LENGTH = 255
TAG_LENGTH = 100_000
LATEST = "latest"


def checked_model_name(name: object) -> str:
    """The name of a registered model.

    >>> checked_model_name("dropout week 4")
    'dropout week 4'

    Raises:
        Invalid: it is blank, too long, has `/` or `:` (which addresses such as `models:/name/3` use), or is a dot.
    """
    name = checked_name("a registered model", name)
    if "/" in name or ":" in name or name in (".", ".."):
        raise Invalid(f"The name of a registered model is {name!r}; it must not have '/' or ':' in it, nor be dots.")
    return name


def checked_source(source: str) -> SplitResult:
    """The parts of the address of a version's files.

    Whoever asks where a source leads and whoever asks who may read there must come to the same place. So all that
    readers of addresses pass over in silence, or cut off, is refused.

    >>> checked_source("runs:/7f/model").scheme
    'runs'

    Raises:
        Invalid: it is no address, has spaces around it or control characters in it, or a query behind `models:/…`.
    """
    checked_text("The source", source)
    if source != source.strip() or any(sign < " " or sign == "\x7f" for sign in source):
        raise Invalid(f"The source {source!r} has spaces around it or control characters in it; give it without.")
    try:
        parts = urlsplit(source)
    except ValueError as error:
        raise Invalid(f"The source {source!r} is not an address: {error}.") from None
    if parts.scheme == "models" and ("?" in source or "#" in source):
        raise Invalid(f"The source {source!r} has '?' or '#' in it; expected 'models:/NAME/VERSION' or 'models:/m-…'.")
    return parts


def checked_alias(alias: object, *, new: bool = False) -> str:
    """The alias of a version; a new one must not look like a version.

    Raises:
        Invalid: it has signs other than letters, digits, `_` and `-`, or is reserved.
    """
    if not isinstance(alias, str) or not re.fullmatch(r"[\w\-]+", alias):
        raise Invalid(f"The alias is {alias!r}; expected letters, digits, '_' and '-'.")
    if len(alias) > ALIAS_LENGTH:
        raise Invalid(f"The alias has {len(alias)} characters; at most {ALIAS_LENGTH} fit.")
    if new and (alias.lower() == LATEST or re.fullmatch(r"[vV]\d+", alias)):
        raise Invalid(f"The alias {alias!r} is reserved: it reads like a version. Choose another, e.g. 'champion'.")
    return alias


def checked_version(version: object) -> int:
    """The number of a version.

    >>> checked_version("3")
    3

    Raises:
        Invalid: it is not a whole number.
        NotFound: no version has such a number.
    """
    text = str(version)
    if isinstance(version, bool) or not re.fullmatch(r"[+-]?[0-9]+", text):
        raise Invalid(f"The version is {version!r}; expected a whole number such as '1'.")
    if len(text) > 9 or int(text) < 1:
        raise NotFound(f"There is no version {text[:20]}; versions are counted from 1.")
    return int(text)


def checked_stage(stage: object) -> VersionStage:
    """A stage, written in any case."""
    known = {name.lower(): name for name in STAGES}
    if not isinstance(stage, str) or stage.lower() not in known:
        raise Invalid(f"The stage is {stage!r}; expected one of {', '.join(STAGES)}.")
    return cast(VersionStage, known[stage.lower()])


def checked_model_status(status: object) -> ModelStatus:
    """A state of a logged model."""
    if status not in MODEL_STATUSES:
        raise Invalid(f"The status is {status!r}; expected one of {', '.join(MODEL_STATUSES)}.")
    return cast(ModelStatus, status)


def checked_logged_name(name: object) -> str:
    """The name of a logged model, which need not be the only one of that name."""
    bad = [sign for sign in "/:.%\"'" if sign in checked_name("a logged model", name)]
    if bad:
        raise Invalid(f"The name of a logged model is {name!r}; it must not have any of / : . % \" ' in it.")
    return str(name)


def checked_registry_tag(key: object, value: object) -> tuple[str, str]:
    """A tag of a registered model or a version; its value may be long."""
    key = checked_key("tag", key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid(f"Tag {key!r} is {value!r}; expected text or a number.")
    text = checked_text(f"Tag {key!r}", str(value))
    if len(text) > TAG_LENGTH:
        raise Invalid(f"Tag {key!r} has {len(text)} characters; at most {TAG_LENGTH} fit.")
    return key, text
