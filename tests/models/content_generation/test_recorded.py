import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.load import load
from attain.data.prompt_split import AllPrompts, ByPrompt, make
from attain.data.prompts import Prompts
from attain.models.content_generation.recorded import Recorded
from attain.tasks.content_generation import run
from attain.tasks.context import FitContext
from attain.testing.generator import GeneratorTests
from attain.testing.small_prompts import small_prompt_set, small_prompts


class TestOfTheDataSet(GeneratorTests):
    model = Recorded
    params = {"system": "plain"}  # noqa: RUF012  # as the base class has it

    @pytest.fixture(autouse=True)
    def _own_home(self, home: Path) -> None:
        """The built-in lessons are prepared there."""

    def prompts(self) -> Prompts:
        prompts: Prompts = load("small_lessons", {"prompts": 12}).log
        return prompts


class TestOfAFile(GeneratorTests):
    model = Recorded
    params = {"file": "outputs.jsonl"}  # noqa: RUF012  # as the base class has it

    @pytest.fixture(autouse=True)
    def _file(self, home: Path) -> None:
        lines = [{"prompt": name, "text": f"What about {name}?"} for name in small_prompts().ids]
        write_lines(home, lines)


def write_lines(home: Path, lines: list[Any]) -> None:
    text = "\n".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines)
    (home / "outputs.jsonl").write_text(text + "\n", encoding="utf-8")


def judged(home: Path, **params: object) -> pd.DataFrame:
    planned = Recorded.with_files(Recorded.create(**{"file": "outputs.jsonl", **params}).params, home)
    assert isinstance(planned, Recorded.params_class())
    model = Recorded(planned)
    model.folder = home
    model.check_data(small_prompts())
    return run(model, make(AllPrompts(), small_prompt_set(), 0), FitContext(folder=home)).frame


FULL = [{"prompt": name, "text": f"問 {name}?"} for name in small_prompts().ids]


def test_outputs_are_joined_by_id_whatever_their_order(home: Path) -> None:
    write_lines(home, FULL[::-1])
    frame = judged(home)
    assert frame["text"].tolist() == [f"問 {name}?" for name in frame["unit"]]


def test_a_table_is_read_as_lines_are(home: Path) -> None:
    table = pd.DataFrame(FULL).assign(state="ok").rename(columns={"prompt": "id", "text": "question"})
    table.loc[2, ["question", "state"]] = ["", "refused"]
    (home / "outputs.csv.gz").write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    frame = judged(home, file="outputs.csv.gz", prompt_column="id", text_column="question")
    assert frame["state"].tolist() == ["ok", "ok", "refused"] + ["ok"] * 7


def test_what_a_line_says_of_its_making_is_kept(home: Path) -> None:
    write_lines(home, [{**FULL[0], "seconds": 1.5, "tokens_out": 7, "finish_reason": "stop", "more": [1]}, *FULL[1:]])
    row = judged(home).iloc[0]
    assert (row["seconds"], row["tokens_out"], row["finish_reason"]) == (1.5, 7, "stop")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([*FULL, FULL[3]], r"line 11: prompt 'answer only' has its sample 0 in line 4 already"),
        (
            FULL[2:],
            r"no output for 2 of 10 prompts and samples, the first of them 'plain', 'greek'\. .*missing: failed",
        ),
        (
            [*FULL, {"prompt": "alien", "text": "x"}],
            r"1 of 11 outputs are of prompts that the data set does not have.*'alien'",
        ),
        (["{", *FULL], r"line 1: is not JSON"),
        (["[1]", *FULL], r"line 1: is not an object"),
        ([{"prompt": "plain"}], r"line 1: has no 'text'; it has 'prompt'"),
        ([{"prompt": None, "text": "x"}], r"'prompt' is None; expected the id"),
        ([{"prompt": "plain", "text": 3}], r"'text' is 3; expected a text"),
        ([{"prompt": "plain", "text": "x", "sample": -1}], r"'sample' is -1; expected 0 or more"),
        ([{"prompt": "plain", "text": "x", "sample": "b"}], r"'sample' is 'b'; expected a number"),
        ([{"prompt": "plain", "text": "x", "state": "good"}], r"'state' is 'good'; expected one of ok, empty"),
        ([""], r"holds no outputs"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(home: Path, lines: list[Any], problem: str) -> None:
    write_lines(home, lines)
    with pytest.raises(UserError, match=problem):
        judged(home)


def test_missing_outputs_can_count_as_failed(home: Path) -> None:
    write_lines(home, FULL[1:])
    frame = judged(home, missing="failed", max_failed_share=0.1)
    assert frame["state"].tolist() == ["failed"] + ["ok"] * 9
    assert frame["error"][0] == "there is no output on record"


def test_one_file_serves_all_folds(home: Path) -> None:
    write_lines(home, FULL)
    model = Recorded.create(file="outputs.jsonl")
    frames = [
        run(model, make(ByPrompt(folds=3), small_prompt_set(), k), FitContext(folder=home)).frame for k in range(3)
    ]
    assert sorted(pd.concat(frames)["unit"].astype(str)) == sorted(small_prompts().ids)


def test_a_file_that_changes_after_planning_is_not_judged(home: Path) -> None:
    write_lines(home, FULL)
    planned = Recorded.with_files(Recorded.create(file="outputs.jsonl").params, home)
    write_lines(home, [*FULL[:-1], {**FULL[-1], "text": "other"}])
    assert isinstance(planned, Recorded.params_class())
    with pytest.raises(UserError, match="was changed since the suite was planned"):
        run(Recorded(planned), make(AllPrompts(), small_prompt_set(), 0), FitContext(folder=home))


@pytest.mark.parametrize("params", [{}, {"system": "plain", "file": "outputs.jsonl"}])
def test_either_a_system_or_a_file_is_named(home: Path, params: dict[str, object]) -> None:
    with pytest.raises(UserError, match=r"needs either 'system'.*or 'file'"):
        Recorded.with_files(Recorded.create(**params).params, home)


def test_a_system_that_is_not_on_record_is_named_with_near_ones(home: Path) -> None:
    with pytest.raises(UserError, match="Did you mean 'careful'"):
        Recorded.create(system="carefull").check_data(load("small_lessons").log)
