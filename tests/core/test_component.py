from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

from attain.core.component import Component, Params
from attain.core.errors import UserError
from attain.core.registry import import_file


class OwnParams(Params):
    rate: float = Field(default=0.5, gt=0, le=1)
    """A rate."""
    depth: int = 3
    """A depth."""


class Own(Component):
    name: ClassVar[str] = "own"
    params: OwnParams


def test_params_have_their_defaults_and_never_change() -> None:
    model = Own()
    assert (model.params.rate, model.params.depth) == (0.5, 3)
    with pytest.raises(ValueError, match="frozen"):
        model.params.depth = 4  # type: ignore[misc]


def test_an_unknown_param_is_named_with_the_near_one() -> None:
    with pytest.raises(UserError, match=r"Unknown param of 'own' 'dept'. Did you mean 'depth'"):
        Own.create(dept=4)


def test_every_bad_value_is_named() -> None:
    with pytest.raises(
        UserError, match=r"(?s)'rate' of 'own' is 2: .*less than or equal to 1.*'depth' of 'own' is 'x'"
    ):
        Own.create(rate=2, depth="x")


def test_it_prints_as_what_differs_from_the_defaults() -> None:
    assert repr(Own.create(depth=4)) == "<own depth=4>"
    assert repr(Own()) == "<own>"


def test_params_are_found_though_another_annotation_cannot_be_resolved(tmp_path: Path) -> None:
    (tmp_path / "lazy.py").write_text(
        "from __future__ import annotations\n"
        "from attain.core.component import Component, Params\n"
        "class Lazy(Component):\n"
        "    name = 'lazy'\n"
        "    params: Params\n"
        "    network: NotImported\n"
    )
    assert import_file("lazy", tmp_path).Lazy.params_class() is Params
