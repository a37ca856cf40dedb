from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.projects.config import Entry, Project, outside, read_project

GOOD = """\
name: p
entries:
  main:
    command: python a.py --lr={lr}
    parameters:
      lr: {type: float, default: 0.1}
"""


def faults(folder: Path, text: str) -> str:
    (folder / "attain.yaml").write_text(text)
    with pytest.raises(UserError) as error:
        read_project(folder)
    return str(error.value).replace(f"{folder}/", "")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "attain.yaml").write_text(GOOD)
    file = read_project(tmp_path)
    name, entry = file.entry(None)
    assert (file.project.name, name, entry.words) == ("p", "main", ["python", "a.py", "--lr={lr}"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("command:", "comand:", "attain.yaml:4: entries.main.comand: Unknown field 'comand'. Did you mean 'command'?"),
        ("command:", "comand:", "attain.yaml:3: entries.main.command: is missing."),
        ("entries:", "entris:", "attain.yaml:2: entris: Unknown field 'entris'. Did you mean 'entries'?"),
        (
            "type: float",
            "type: flot",
            "attain.yaml:6: entries.main.parameters.lr.type: Unknown type of parameter 'flot'. ",
        ),
        (
            "type: float, ",
            "",
            "attain.yaml:6: entries.main.parameters.lr: has no type; expected one of float, int, str,",
        ),
        ("0.1}", "0.1, gt: 3}", "entries.main.parameters.lr: the default does not fit: 0.1 is not greater than 3."),
        ("0.1}", "0.1, gte: 3}", "entries.main.parameters.lr.gte: Unknown field 'gte'. Did you mean 'gt' or 'ge'"),
        ("{lr}", "{lrr}", "attain.yaml:4: entries.main.command: Unknown parameter 'lrr'. Did you mean 'lr'?"),
        ("{lr}", "1", "attain.yaml:6: entries.main.parameters.lr: the command has no place for it; write {lr} there."),
        ("--lr=", "| tee --lr=", "entries.main.command: '|' is for a shell"),
        ("a.py --lr=", "-c ", "entries.main.command: python runs what stands with -c as code"),
        ("a.py", "'a.py", "entries.main.command: no closing quotation."),
        ("main:", '"a b":', "'a b' is not a name of an entry"),
        ("lr: {", "l-r: {", "'l-r' is not a name of a parameter"),
        (
            "    parameters:",
            "    timeout_s: 0\n    parameters:",
            "attain.yaml:5: entries.main.timeout_s: 0 is not right",
        ),
        (
            "    parameters:",
            "    threads: many\n    parameters:",
            "attain.yaml:5: entries.main.threads: 'many' is not right",
        ),
        ("    parameters:", "    outputs: [../x]\n    parameters:", "outputs.0: '../x' leads out of the folder"),
        ("    parameters:", "    outputs: [ok, /tmp]\n    parameters:", "outputs.1: '/tmp' is an absolute path"),
        ("    parameters:", "    environment: {A: '{b}'}\n    parameters:", "environment.A: Unknown parameter 'b'"),
        ("    parameters:", "    environment: {ATTAIN_HOME: x}\n    parameters:", "'ATTAIN_HOME' tells the script"),
        ("    parameters:", "    environment: {A-B: x}\n    parameters:", "'A-B' is not the name of a variable"),
    ],
)
def test_each_fault_names_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in faults(tmp_path, GOOD.replace(old, new, 1))


def test_what_is_no_project_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no attain\.yaml in .* It names the project and its entries"):
        read_project(tmp_path)
    with pytest.raises(UserError, match="There is no folder"):
        read_project(tmp_path / "none")
    assert "entries: Dictionary should have at least 1 item" in faults(tmp_path, "name: p\nentries: {}\n").replace(
        "{} is not right: ", ""
    )
    assert "the file is a list; expected fields" in faults(tmp_path, "- a\n- b\n")
    assert "the file is empty" in faults(tmp_path, "\n")


def test_the_entry_is_main_or_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "attain.yaml").write_text(GOOD.replace("main:", "train:"))
    assert read_project(tmp_path).entry(None)[0] == "train"
    (tmp_path / "attain.yaml").write_text(GOOD.replace("main:", "train:") + "  other: {command: ls}\n")
    with pytest.raises(UserError, match=r"Unknown entry 'main'\. .*Known: other, train"):
        read_project(tmp_path).entry(None)
    with pytest.raises(UserError, match=r"Unknown entry 'tran'\. Did you mean 'train'"):
        read_project(tmp_path).entry("tran")


def test_each_field_is_explained() -> None:
    for model in (Entry, Project):
        assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize("pattern", ["..", "a/../b", "/etc", "~/x", "C:\\x", "a\\b", "", "."])
def test_patterns_outside_of_the_folder_are_refused(pattern: str) -> None:
    assert outside(pattern)
