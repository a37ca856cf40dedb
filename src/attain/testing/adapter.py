"""What the promises of every kind of adapter share; each kind has a test class of its own on top."""

# ruff: noqa: D102  # the name of a test is its sentence

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError

Floats = NDArray[np.floating]


class AdapterTests:
    """Says which model is tested, with which params, and how exactly."""

    model: ClassVar[type[Component]]
    """The adapter."""
    params: ClassVar[Mapping[str, object]] = {}
    """Params that keep its fit short."""
    tolerance: ClassVar[float] = 1e-9
    """How far two scores may lie apart that should be equal; about 1e-6 where floats of 32 bits are summed."""

    def same(self, scores: Floats, expected: Floats) -> None:
        """Fail unless the scores are equal up to `tolerance`."""
        np.testing.assert_allclose(scores, expected, rtol=0, atol=self.tolerance)

    def test_an_unknown_param_is_named(self) -> None:
        with pytest.raises(UserError, match="no_such_param"):
            self.model.create(**self.params, no_such_param=1)
