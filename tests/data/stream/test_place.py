import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.core.places import home
from attain.data.load import load_source
from attain.data.stream.bound import Bound, bound
from attain.data.stream.place import check_room, workplace

KILLED = """
import os, signal
from attain.data.load import load_source
from attain.data.stream.bound import Bound
def die(what, done, total):
    if what == "sorting":
        os.kill(os.getpid(), signal.SIGKILL)
load_source({"file": "a.csv"}, memory=Bound(1, always=True), hear=die)
"""


def test_what_a_killed_preparation_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("learner,item,correct\na,1,1\nb,2,0\n")
    done = subprocess.run([sys.executable, "-c", KILLED], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    left = list((home() / "cache").glob(".*.streaming"))
    assert [path.name for path in left[0].iterdir() if path.is_dir()] != []
    dataset = load_source({"file": "a.csv"}, memory=Bound(1, always=True))
    assert dataset.folder is not None
    assert {path.name for path in (home() / "cache").iterdir()} == {dataset.folder.name, "lock.streaming"}


def test_a_preparation_that_lives_is_left_alone(tmp_path: Path) -> None:
    with workplace(tmp_path) as one:
        with workplace(tmp_path) as other:
            assert one.is_dir()
            assert other != one
        assert not other.exists()
        assert one.is_dir()
    assert not one.exists()


def test_a_disk_that_is_too_full_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    check_room(tmp_path / "not" / "yet", 1)
    with pytest.raises(UserError, match=r"takes about 1000000000\.0 GB of disk for a while and .* free; free some"):
        check_room(tmp_path, 10**18)


@pytest.mark.parametrize(
    ("given", "message"), [("much", "expected a number"), ("0.1", "at least 0.6"), ("nan", "at least")]
)
def test_a_bound_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, message: str) -> None:
    monkeypatch.setenv("ATTAIN_MEMORY_GB", given)
    with pytest.raises(UserError, match=f"ATTAIN_MEMORY_GB is .*{message}"):
        bound()
    assert bound(1.5) == Bound(1.5)
