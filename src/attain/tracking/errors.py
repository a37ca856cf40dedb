"""What the store refuses, in kinds, so that the web border can answer each with its own code."""

# ruff: noqa: N818 - the names say what is wrong, and all are errors by their base

from attain.core.errors import UserError


class Invalid(UserError):
    """A value breaks a rule of the store."""


class NotFound(UserError):
    """There is no such experiment, run, tag or artifact (or it is deleted)."""


class Exists(UserError):
    """The name is taken."""


class Overtaken(UserError):
    """What was read before has been changed by somebody else meanwhile; nothing was written."""


class Unavailable(UserError):
    """The store cannot be read or written now: locked, read-only, full or broken.

    Attributes:
        passing: it may work when tried again a little later, with nothing changed.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
