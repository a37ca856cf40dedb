"""The command line as a person meets it, in this process: arguments in; output and exit status out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from attain.cli.main import main


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


Attain = Callable[..., Said]


@pytest.fixture
def attain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Attain:
    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["attain", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(int(stop.value.code or 0), said.out, said.err)

    return run
