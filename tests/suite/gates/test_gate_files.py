"""What a gate found survives every format, whatever names are in it."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

from attain.suite.gates.check import Check
from attain.suite.gates.gate import Passage
from attain.suite.gates.gate_files import write_files

NASTY = "a|b <b>&\x07 `x`\n@you [l](u)"
FOUND = Passage(
    NASTY,
    f"{NASTY}@champion",
    NASTY,
    "0" * 32,
    "unknown",
    f"{NASTY} may be worse.",
    (
        Check("comparison", "passed", "fine", ("look 1",), {"gain": 0.1}),
        Check("fairness", "unknown", f"of {NASTY} nobody can tell", (NASTY,)),
    ),
    ("a remark",),
)


def test_markdown_shows_names_as_they_are(tmp_path: Path) -> None:
    page = write_files(FOUND, tmp_path)[0].read_text()
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert all(line.replace("\\|", "").count("|") == 4 for line in rows)
    assert "<b>" not in page.replace("\\<b\\>", "")
    assert "\\@you" in page
    assert "a remark" in page


def test_junit_is_xml_with_an_error_for_what_nobody_can_tell(tmp_path: Path) -> None:
    root = Xml.parse(write_files(FOUND, tmp_path)[1]).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "1")
    error = root.find("./testsuite/testcase[@name='fairness']/error")
    assert error is not None
    assert error.get("type") == "inconclusive"
    assert "a|b <b>&\N{REPLACEMENT CHARACTER} `x`" in str(error.get("message"))
    assert root.find("./testsuite/testcase[@name='comparison']/failure") is None


def test_json_has_every_figure(tmp_path: Path) -> None:
    facts = json.loads(write_files(FOUND, tmp_path / "new" / "folder")[2].read_text())
    assert facts["checks"][0]["figures"] == {"gain": 0.1}
    assert facts["suite"] == NASTY
