"""Numbers of different rules are not ranked together."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.config import read_suite
from attain.suite.plan import make_plan
from attain.suite.protocol import PROTOCOL, PROTOCOL_KEY, part_of, record_of, refuse_unlike, tags_of, unlike
from attain.tasks.knowledge_tracing import PROTOCOL as RULES
from attain.tracking.entities import Run
from attain.tracking.signatures import tags_of as signed
from attain.tracking.store import open_store

Write = Callable[..., Path]


def record(path: Path) -> dict[str, object]:
    plan = make_plan(read_suite(str(path)))
    return dict(record_of(RULES, plan.source.suite.split.model_dump(mode="json"), plan.runs[0].dataset))


def kept(tags: dict[str, str]) -> Run:
    store = open_store()
    experiment = store.ensure_experiment("any").experiment_id
    return store.create_run(experiment, "run", tags=tags)


def test_a_record_says_which_file_rows_skills_split_and_rules(write_suite: Write) -> None:
    found = record(write_suite())
    assert set(found) == {"data", "rows", "skills", "split", *RULES}
    assert found["split"] == {"by": "learner", "folds": 2, "only": None, "seed": 0}


def test_a_file_of_answers_is_named_by_its_bytes_and_by_what_was_done_to_its_rows(
    write_suite: Write, home: Path
) -> None:
    rows = [f"s{learner},q{step % 3},{(learner + step) % 2},k" for learner in range(6) for step in range(5)]
    (home / "mine.csv").write_text("\n".join(["learner,item,correct,skill", *rows, "s1,q1,,k", ""]))
    path = write_suite()
    lines = path.read_text().splitlines()
    lines[2:4] = ["  - file: mine.csv"]
    path.write_text("\n".join(lines))
    found = record(path)
    assert found["data"]["sha256"].keys() == {"mine.csv"}  # type: ignore[index]  # JSON
    assert found["rows"]["changes"] == {"dropped rows without an answer": 1}  # type: ignore[index]
    assert found["skills"] == {"skills": None, "expanded": "refuse"}


def test_runs_of_another_split_or_seed_are_not_ranked_with_these(write_suite: Write) -> None:
    one = kept(tags_of(record(write_suite())))
    other = kept(tags_of(record(write_suite(split="split: {by: learner, folds: 2, seed: 1}"))))
    same = kept(tags_of(record(write_suite(models="models: [bkt]", seeds="seeds: [3]"))))
    assert unlike([one, other]) == ["split"]
    assert unlike([one, same]) == []
    refuse_unlike([one, same])
    with pytest.raises(UserError, match=r"different protocols \(they differ in: split\).*not to be ranked together"):
        refuse_unlike([one, same, other])


def test_a_run_without_a_record_is_not_ranked_with_one_that_has_it(write_suite: Write) -> None:
    one, old = kept(tags_of(record(write_suite()))), kept({})
    assert set(unlike([one, old])) == set(json.loads(one.tags[PROTOCOL]))
    assert unlike([old, kept({})]) == []
    assert len(one.tags[PROTOCOL_KEY]) == 16


def test_runs_with_a_metric_of_another_signature_are_not_ranked_with_these() -> None:
    one, other, without = (kept(tags) for tags in (signed({"bleu": "v:1"}), signed({"bleu": "v:2"}), {}))
    assert unlike([one, other]) == ["signature of bleu"]
    assert [part_of(run, "signature of bleu") for run in (one, other, without)] == ["v:1", "v:2", None]
    assert unlike([one, without]) == []
    with pytest.raises(UserError, match=r"they differ in: signature of bleu\)"):
        refuse_unlike([one, other])
