"""What a model that is served refuses, in kinds, each with a status of its own."""

# ruff: noqa: N818 - the names say what is wrong, and all are errors by their base

import logging
import traceback

from attain.core.errors import UserError
from attain.server import wire

_log = logging.getLogger(__name__)


class Unknown(UserError):
    """The request can be read, and names something that there is not, or gives a value that is not right: 422."""


class Conflict(UserError):
    """The answer does not fit what is known of the learner already: 409."""


class WrongType(UserError):
    """The body is of a type that is not taken: 415."""


class NoToken(UserError):
    """Who asks has not shown the token: 401."""


def explained(error: Exception) -> tuple[int, str, str]:
    """The status, a code and the sentence of what went wrong."""
    for kind, status, code in _KINDS:
        if isinstance(error, kind):
            return status, code, str(error)
    for kind, status, code in _OTHERS:
        if isinstance(error, kind):
            return status, code, str(error)
    # Its text may hold what a learner answered, so only the places in the code are logged.
    places = "".join(traceback.format_tb(error.__traceback__))
    _log.error("A request could not be answered: %s at\n%s", type(error).__name__, places)
    return 500, "INTERNAL_ERROR", "The server made a mistake; its log says which."


_KINDS: tuple[tuple[type[UserError], int, str], ...] = (
    (Unknown, 422, "INVALID_PARAMETER_VALUE"),
    (Conflict, 409, "RESOURCE_CONFLICT"),
    (WrongType, 415, "BAD_REQUEST"),
    (NoToken, 401, "UNAUTHENTICATED"),
)
_OTHERS: tuple[tuple[type[UserError], int, str], ...] = (*wire.ANSWERS, (UserError, 400, "BAD_REQUEST"))
