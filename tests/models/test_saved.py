from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models._saved import Learned, read, write
from attain.models.knowledge_tracing.bkt import BKT
from attain.models.knowledge_tracing.prior_rate import PriorRate

NAMES = np.array(["plain", "", "two words ", "größer~~kleiner", "line\nbreak"], dtype=object)


def test_params_arrays_and_names_come_back_as_they_were(tmp_path: Path) -> None:
    learned = Learned({"rate": np.array([0.1, np.nan]), "count": np.arange(3)}, {"skills": NAMES})
    write(PriorRate.create(shrink=3), learned, tmp_path / "new" / "folder")
    model, found = read(PriorRate, tmp_path / "new" / "folder")
    assert model.params.model_dump() == {"shrink": 3}
    np.testing.assert_array_equal(found.names["skills"], NAMES)
    for name, values in learned.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], values)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no saved model: it has no 'model.json'"):
        read(PriorRate, tmp_path)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    write(PriorRate.create(), Learned({}, {}), tmp_path)
    with pytest.raises(UserError, match="holds a model 'prior_rate', not 'bkt'"):
        read(BKT, tmp_path)
