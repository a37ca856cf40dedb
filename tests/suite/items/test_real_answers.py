"""Real answers as if their items were generated: nothing breaks, and the warning is there where it must be."""

import os
from pathlib import Path

import numpy as np
import pytest

from attain.data.items import Item
from attain.data.load import load
from attain.data.responses import of_dataset, read_responses
from attain.suite.items.analyse import analyse

pytestmark = pytest.mark.data


def _folder(name: str) -> Path:
    folders = [Path(folder) for folder in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if folder]
    found = next((folder / name for folder in folders if (folder / name).is_dir()), None)
    if found is None:
        pytest.skip(f"no folder of ATTAIN_DATA holds {name}")
    return found


def test_a_tutor_gave_items_by_ability(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _folder("assistments2009")
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path))
    found = analyse(of_dataset(load("assistments2009", {"learners": 600})))
    assert found.exposure.depends
    assert found.ability == "joint"
    ranked = [row for row in found.items if row.rank is not None]
    assert ranked
    assert all(row.n >= 30 and row.b is not None and row.se is not None for row in ranked)


def test_targets_drawn_at_random_are_not_found_to_be_met() -> None:
    path = _folder("eedi_csc311") / "train_data.csv"
    columns = {"learner": "user_id", "item": "question_id", "correct": "is_correct"}
    answers = read_responses(path, columns, {}, {})
    rng = np.random.default_rng(0)
    known = {str(k): Item(str(k), "generated", "anybody", level=float(rng.integers(1, 6))) for k in answers.log.items}
    found = analyse(answers, known)
    assert found.exposure.depends
    (system,) = found.systems
    assert system.judged > 1000
    rank = system.targets.rank
    assert rank.low is not None
    assert rank.high is not None
    assert rank.low < 0 < rank.high


def test_where_everybody_meets_the_same_items_there_is_no_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _folder("statistics_cloze")
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path))
    found = analyse(of_dataset(load("statistics_cloze", {"learners": 150})))
    assert not found.exposure.depends
    assert found.ability == "irt"
    b, joint = (np.array([getattr(row, name) for row in found.items], dtype=float) for name in ("b", "joint_b"))
    assert np.corrcoef(b, joint)[0, 1] > 0.95
