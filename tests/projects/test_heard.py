import io
from pathlib import Path

import pytest

from attain.projects import heard
from attain.projects.heard import Heard, Keeper
from attain.tracking import artifacts
from attain.tracking.store import open_store


def test_a_long_stream_keeps_its_beginning_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "HEAD", 10)
    monkeypatch.setattr(heard, "TAIL", 10)
    said = b"".join(b"line %03d\n" % number for number in range(100))
    one = Heard("out", None)
    one.listen(io.BytesIO(said))
    assert one.total == 900
    assert one.content() == said[:10] + b"\n[880 bytes are left out here]\n" + said[-10:]
    assert one.last_line == "line 099"


def test_what_fits_is_kept_byte_by_byte() -> None:
    said = "é\n\xff ".encode() + b"\xff\x00"
    one = Heard("out", None)
    one.listen(io.BytesIO(said))
    assert one.content() == said


def test_lines_are_shown_whole_and_the_last_one_is_ended() -> None:
    shown = io.StringIO()
    one = Heard("out", shown)
    one._take("rows é".encode()[:-1])
    assert shown.getvalue() == ""
    one._take("é".encode()[-1:] + b" 3\nand")
    assert shown.getvalue() == "rows é 3\n"
    one.listen(io.BytesIO(b" more"))
    assert shown.getvalue() == "rows é 3\nand more\n"


def test_a_reader_that_has_gone_does_not_stop_the_script() -> None:
    shown = io.StringIO()
    one = Heard("out", shown)
    shown.close()
    one.listen(io.BytesIO(b"a\nb\n"))
    assert one.content() == b"a\nb\n"


def test_the_file_of_a_run_has_what_came_so_far(home: Path) -> None:
    store = open_store()
    run_id = store.create_run("0").run_id
    one, silent = Heard("logs/out.txt", None), Heard("logs/err.txt", None)
    keeper = Keeper(store, run_id, (one, silent))
    one.listen(io.BytesIO(b"a\n"))
    keeper.close()
    assert artifacts.read_bytes(store, run_id, "logs/out.txt") == b"a\n"
    assert not store.artifacts_under(run_id, "logs/err.txt")
