"""A gate's findings as files: Markdown for a comment, JUnit XML for a CI's list of tests, JSON for programs."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as Xml

from attain.core.errors import UserError
from attain.suite.gates.check import Check
from attain.suite.gates.gate import Passage

WORDS = {"passed": "passed", "failed": "**failed**", "unknown": "**cannot tell**"}
TITLES = {"passed": "passed", "failed": "failed", "unknown": "inconclusive"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#@])")


def write_files(found: Passage, folder: Path) -> list[Path]:
    """Write `gate.md`, `gate.xml` and `gate.json` into a folder, which is made if need be.

    Raises:
        UserError: they cannot be written.
    """
    contents = {"gate.md": markdown(found), "gate.xml": junit(found), "gate.json": as_json(found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write {str(error.filename)!r}: {error.strerror}. Name another folder: --out DIR."
        ) from None
    return [folder / name for name in contents]


def markdown(found: Passage) -> str:
    """For a comment on a change, or a CI's summary."""
    lines = [f"## attain gate {_plain(found.suite)}: {TITLES[found.outcome]}", "", _plain(found.sentence), ""]
    lines += ["| check | | what was found |", "|---|---|---|"]
    lines += [f"| {one.name} | {WORDS[one.outcome]} | {_plain(one.sentence)} |" for one in found.checks]
    for check in found.checks:
        if check.details:
            lines += ["", f"<details><summary>{check.name}</summary>", ""]
            lines += [f"- {_plain(detail)}" for detail in check.details]
            lines += ["", "</details>"]
    lines += ["", *(f"{_plain(remark)}\n" for remark in found.remarks)]
    lines += [f"Champion: {_plain(found.champion)}. Challenger: run `{found.run_id}`.", ""]
    return "\n".join(lines)


def junit(found: Passage) -> str:
    """A test suite with a test case a check; one of which nobody can tell is an error, for it is no pass."""
    outcomes = [check.outcome for check in found.checks]
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failed")),
        "errors": str(outcomes.count("unknown")),
    }
    root = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(root, "testsuite", {"name": _xml(f"attain gate {found.suite}"), **counts})
    for check in found.checks:
        _add_case(suite, found, check)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def as_json(found: Passage) -> str:
    """Everything, with every figure."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def _add_case(suite: Xml.Element, found: Passage, check: Check) -> None:
    named = {"classname": _xml(f"{found.suite}.{found.challenger}"), "name": check.name}
    case = Xml.SubElement(suite, "testcase", named)
    kinds = {"failed": ("failure", "worse or unfair"), "unknown": ("error", "inconclusive")}
    if check.outcome in kinds:
        tag, kind = kinds[check.outcome]
        said = Xml.SubElement(case, tag, {"type": kind, "message": _xml(check.sentence)})
        said.text = _xml("\n".join(check.details))
    else:
        Xml.SubElement(case, "system-out").text = _xml("\n".join((check.sentence, *check.details)))


def _xml(text: str) -> str:
    """Text without what XML cannot hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
