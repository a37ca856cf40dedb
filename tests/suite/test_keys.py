"""A key changes with every file that the result comes from."""

from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from attain.core.registry import import_file
from attain.metrics.discover import find
from attain.suite import keys
from attain.suite.keys import code_of_metrics, code_of_model
from attain.tasks.content_generation import MODELS as GENERATORS
from attain.tasks.knowledge_tracing import MODELS

MODEL = """
from attain.core.component import Component, Params
import {helper}

class Own(Component):
    name = "own"
    params: Params
"""
METRIC = """
import numpy as np
from attain.core.metric import Sums, metric

@metric(direction="min", unit="share", needs="score")
def own(rows):
    '''Own.'''
    return Sums(np.zeros((rows.n_units, 1)), lambda s: s[:, 0] + {number}, "none")
"""


def of_own(folder: Path) -> str:
    keys._imports.cache_clear()
    return code_of_model(import_file("own", folder).Own)


def test_a_helper_beside_ones_own_model_counts_and_other_files_do_not(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(MODEL.format(helper="helper"))
    (tmp_path / "helper.py").write_text("import deeper\n")
    (tmp_path / "deeper.py").write_text("x = 1\n")
    (tmp_path / "other.py").write_text("x = 1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        first = of_own(tmp_path)
        (tmp_path / "other.py").write_text("x = 2\n")
        assert of_own(tmp_path) == first
        (tmp_path / "deeper.py").write_text("x = 2\n")
        assert of_own(tmp_path) != first


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("dkt", "models/knowledge_tracing/_deep_training.py"),  # not imported by the model itself
        ("bkt", "models/knowledge_tracing/_bkt_em.py"),
        ("bkt", "core/table.py"),
        ("pfa", "data/interactions.py"),
        ("irt", "data/split.py"),
    ],
)
def test_every_room_of_ours_that_a_model_uses_counts(model: str, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = code_of_model(MODELS.get(model))
    original = keys.fingerprint.of_file
    monkeypatch.setattr(
        keys.fingerprint, "of_file", lambda path: "edited" if path.as_posix().endswith(file) else original(path)
    )
    assert code_of_model(MODELS.get(model)) != first


def test_the_version_of_a_library_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    first = code_of_model(MODELS.get("dkt"))
    monkeypatch.setattr(keys, "_version", lambda name: "0.0" if name == "torch" else "")
    assert code_of_model(MODELS.get("dkt")) != first


def test_the_version_of_a_module_is_that_of_the_package_that_brings_it() -> None:
    expected = {name: version(owners[0]) for name, owners in packages_distributions().items()}
    assert {name: keys._version(name) for name in expected} == expected


def test_a_module_that_no_package_brings_has_no_version() -> None:
    assert keys._version("nothing_of_this_name") == ""


def test_a_library_of_the_name_of_the_file_that_uses_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers", reason="attain[transformers] is not installed")
    adapter, version = GENERATORS.get("transformers"), keys._version
    before = code_of_model(adapter)
    monkeypatch.setattr(keys, "_version", lambda name: "another" if name == "transformers" else version(name))
    assert code_of_model(adapter) != before


def test_the_code_of_ones_own_metric_counts(tmp_path: Path) -> None:
    def of_metric(folder: str, number: int) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(METRIC.format(number=number))
        return code_of_metrics([find("mine:own", folder=tmp_path / folder)])

    assert of_metric("a", 1) == of_metric("b", 1) != of_metric("c", 2)
