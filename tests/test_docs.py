"""The README says nothing that is not so: its commands, options, suites, models, metrics, files and words exist."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from attain.cli.main import application
from attain.data.card import Card
from attain.metrics.discover import find
from attain.suite.config import Suite, suite_files
from attain.tasks import answer_scoring
from attain.tasks.knowledge_tracing import MODELS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line[2:].partition("  #")[0] for line in README.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("line", [c for c in COMMANDS if c.startswith("attain ") or "/attain " in c])
def test_each_command_exists_with_its_options(line: str) -> None:
    command = typer.main.get_command(application())
    words = shlex.split(line)[1:]
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands and hasattr(command, "default_command"):
            words.insert(0, command.default_command)
        assert words[0] in command.commands, f"{line}: no such command"
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_each_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) - {"and"} <= targets


def test_each_suite_that_is_named_exists() -> None:
    named = set(re.findall(r"attain (?:run|check) ([a-z_0-9]+)", README))
    assert named <= set(suite_files())
    matrices = set(re.findall(r"attain policies ([a-z_0-9]+)", README))
    assert matrices <= set(suite_files(matrix=True))
    listed = re.search(r"`configs/suites/` \| (.*) \|", README)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == set(suite_files()) | set(suite_files(matrix=True)), (
        "the README lists every suite"
    )


def test_the_suite_in_the_readme_is_a_suite() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    suite = Suite.model_validate(yaml.safe_load(text))
    for choice in suite.models:
        params = MODELS.get(choice.name).params_class().model_fields
        assert set(choice.grid) | set(choice.params) <= set(params)
    for metric in suite.metrics:
        assert find(metric).id


def test_each_file_that_is_named_exists() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"`((?:src|configs|datasets|benchmarks|tests)/[\w/.]*)`", README):
        assert (ROOT / path).exists(), path


def test_each_data_set_has_a_card_and_no_rows() -> None:
    for folder in (ROOT / "datasets").iterdir():
        assert [path.name for path in folder.iterdir()] == ["card.yaml"], folder.name


PROMOTION = (ROOT / "docs/promotion.md").read_text(encoding="utf-8")


def test_the_workflows_in_the_docs_are_yaml_whose_commands_exist() -> None:
    github, gitlab = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PROMOTION, re.DOTALL))
    steps = [step["run"] for step in github["jobs"]["gate"]["steps"] if "run" in step]
    lines = [line for line in (*steps, *gitlab["gate"]["script"]) if line.startswith("attain ")]
    assert len(lines) == 2
    cron = re.findall(r"(attain watch .*) >>", PROMOTION)
    typed = [line[2:].partition("  #")[0].strip() for line in PROMOTION.splitlines() if line.startswith("$ attain ")]
    assert len(cron) == 1
    for line in [*lines, *cron, *typed]:
        test_each_command_exists_with_its_options(line)
    assert gitlab["gate"]["allow_failure"] == {"exit_codes": [3]}


def test_the_rates_in_the_docs_are_those_that_were_measured() -> None:
    rows = json.loads((ROOT / "benchmarks/science/results/promotion_null.json").read_text())["rows"]
    auc, log_loss, gate, nightly = rows[:4]
    for row in (auc, log_loss, gate):
        assert f"{100 * row['promoted']:.1f} %" in PROMOTION
    assert f"| {100 * nightly['promoted']:.0f} % |" in PROMOTION
    assert f"| {100 * log_loss['answer_by_answer_at_5_percent']:.0f} % |" in PROMOTION
    assert gate["interval"][1] <= 0.05


def test_the_docs_of_short_answers_name_what_there_is_and_show_a_valid_card() -> None:
    text = (ROOT / "docs/short_answers.md").read_text(encoding="utf-8")
    for line in re.findall(r"^\$ (attain .*?)(?:  #.*)?$", text, re.MULTILINE):
        test_each_command_exists_with_its_options(line)
    (card,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert Card.model_validate(yaml.safe_load(card)).scored_answers is not None
    for name in set(re.findall(r"`([a-z_]+)\[(?:levels,)?part\]`", text)):
        assert find(name).id.startswith(name)
    table = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert table >= set(answer_scoring.MODELS.names())
