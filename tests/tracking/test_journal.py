import json
import logging
import math
import multiprocessing
import resource
import signal
from pathlib import Path

import pytest

from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Unavailable
from attain.tracking.journal import Journal, abandoned

POINTS = [("r1", MetricPoint("loss", 0.1, 5, -1)), ("r2", MetricPoint("größe", 1e308, 6, 2))]


def test_points_are_in_the_file_when_append_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "attain.db")
    journal.append(POINTS)
    header, *lines = journal.path.read_text().splitlines()
    assert json.loads(header) == {"store": "attain.db"}
    assert json.loads(lines[1]) == ["r2", "größe", 1e308, 6, 2]
    assert journal.size == sum(len(line.encode()) + 1 for line in lines)
    journal.clear()
    assert journal.path.read_text() == header + "\n"
    journal.close()
    assert list((tmp_path / "journal").iterdir()) == []


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append(POINTS)
    with abandoned(journal.path, "attain.db") as points:
        assert points is None
    journal.close()
    with abandoned(journal.path, "attain.db") as points:
        assert points == POINTS
    with abandoned(journal.path, "another.db") as points:
        assert points is None
    with abandoned(tmp_path / "gone.jsonl", "attain.db") as points:
        assert points is None


def test_only_one_takes_an_abandoned_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append(POINTS)
    journal.close()
    with abandoned(journal.path, "attain.db") as first, abandoned(journal.path, "attain.db") as second:
        assert (first, second) == (POINTS, None)


def test_nan_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append([("r", MetricPoint("loss", math.nan, 0))])
    journal.close()
    with abandoned(journal.path, "attain.db") as points:
        assert points is not None
        assert math.isnan(points[0][1].value)


@pytest.mark.parametrize("torn", [b'["r1","lo', b'["r1"', b"\x00\x00\x00", b'["r1","loss",0.5,6'])
def test_a_line_torn_by_a_crash_is_left_out(tmp_path: Path, torn: bytes, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append(POINTS)
    journal.close()
    with journal.path.open("ab") as stream:
        stream.write(torn)
    with caplog.at_level(logging.WARNING), abandoned(journal.path, "attain.db") as points:
        assert points == POINTS
    assert "1 torn lines" in caplog.text


def test_a_full_disk_is_said_and_the_journal_stays_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append(POINTS)
    whole = journal.path.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 10, before[1]))
    try:
        with pytest.raises(Unavailable, match="cannot be written to the journal"):
            journal.append(POINTS)
        assert journal.path.read_bytes() == whole
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    journal.append(POINTS)
    journal.close()
    with abandoned(journal.path, "attain.db") as points:
        assert points == POINTS * 2


def _forget_and_try(journal: Journal) -> None:
    journal.forget_in_child()
    with abandoned(journal.path, "attain.db") as points:
        raise SystemExit(0 if points is None else 1)


def test_a_forked_child_leaves_the_lock_to_its_parent(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "attain.db")
    journal.append(POINTS)
    child = multiprocessing.get_context("fork").Process(target=_forget_and_try, args=(journal,))
    child.start()
    child.join()
    assert child.exitcode == 0
    with abandoned(journal.path, "attain.db") as points:
        assert points is None
    journal.close()
