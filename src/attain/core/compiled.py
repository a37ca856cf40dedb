"""Compile numeric loops to machine code, kept on disk between processes."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """`function` in machine code, typed as before; one thread, and other Python threads run on meanwhile."""
    return cast(F, njit(cache=True, nogil=True)(function))
