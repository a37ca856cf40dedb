"""Learners in use, through HTTP, on SQLite and on PostgreSQL."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.pseudonym import pseudonyms
from attain.models.knowledge_tracing.bkt import BKT
from attain.models.knowledge_tracing.last_mean import LastMean
from attain.models.knowledge_tracing.pfa import PFA
from attain.serve import tables
from attain.serve.learners import Learners
from attain.serve.live import Live
from attain.testing.small import small_log
from attain.tracking.sql.engine import open_engine, writing

from .conftest import KEY, Running, save


def whole_log(folder: Path, rows: int = 12) -> tuple[list[tuple[str, int]], list[float]]:
    """The first answers of a learner, and what the model expects of each when it reads all at once."""
    log = small_log(1).of_learners(np.array([2]))
    log = log.take(np.arange(rows))
    said = BKT.load(folder).predict(log)
    return [(str(log.items[i]), int(c)) for i, c in zip(log.item, log.correct, strict=True)], said.tolist()


def test_answers_one_by_one_expect_what_the_whole_log_does(server: Running, bkt: Path) -> None:
    answers, expected = whole_log(bkt)
    said = [server.answer("ann", item, correct)["expected"] for item, correct in answers]
    assert said == pytest.approx(expected, abs=1e-9)


def test_a_learner_begins_with_the_first_answer(server: Running) -> None:
    status, message = server.refused("GET", "/learners/ann/mastery")
    assert (status, message) == (404, "There is no learner 'ann' of 'bkt'; the first answer makes one.")
    assert server.refused("GET", "/learners/ann/next")[0] == 404
    server.answer("ann", "item-3", 1)
    known = server.get("/learners/ann/mastery")
    assert known["answers"] == 1
    assert known["mastery"]["skill-3"] > 0.5


def test_the_same_answer_again_changes_nothing_and_gets_the_same_reply(server: Running) -> None:
    first = server.answer("ann", "item-3", 1, id="a1", time=10)
    server.answer("ann", "item-3", 0, id="a2", time=20)
    assert server.answer("ann", "item-3", 1, id="a1", time=10) == first
    assert server.get("/learners/ann/mastery")["answers"] == 2


def test_an_id_of_another_answer_is_refused(server: Running) -> None:
    server.answer("ann", "item-3", 1, id="a1")
    status, message = server.refused("POST", "/learners/ann/interactions", {"id": "a1", "item": "item-4", "correct": 1})
    assert (status, message) == (
        409,
        "Interaction 'a1' was sent before with another item or answer; give each its own id.",
    )
    server.answer("bob", "item-4", 1, id="a1")


def test_an_answer_older_than_the_last_is_refused_and_leaves_no_trace(server: Running) -> None:
    server.answer("ann", "item-3", 1, time="2026-03-01T09:30:00Z")
    before = server.get("/learners/ann/mastery")
    old = {"id": "late", "item": "item-3", "correct": 0, "time": "2026-03-01T10:29:59+01:00"}
    status, message = server.refused("POST", "/learners/ann/interactions", old)
    assert status == 409
    assert "Interaction 'late' is older than the learner's last one" in message
    assert server.get("/learners/ann/mastery") == before


def test_an_unknown_item_is_named_and_makes_no_learner(server: Running) -> None:
    status, message = server.refused("POST", "/learners/ann/interactions", {"item": "item-33", "correct": 1})
    assert status == 422
    assert message.startswith("Unknown item 'item-33'")
    assert message.endswith("Did you mean 'item-3'?")
    asked = {"item": "item-3", "skills": ["skill-3", "skiing"], "correct": 1}
    status, message = server.refused("POST", "/learners/ann/interactions", asked)
    assert status == 422
    assert message.startswith("Unknown skill 'skiing'")
    assert server.refused("GET", "/learners/ann/mastery")[0] == 404


def test_answers_sent_at_once_are_taken_one_after_the_other(server: Running) -> None:
    def send(name: str) -> None:
        for number in range(10):
            numbers.append(server.answer("ann", "item-3", number % 2, id=f"{name}{number}")["number"])

    numbers: list[int] = []
    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41))


def test_another_version_reads_all_answers_again(start: Callable[..., Running], bkt: Path, other_bkt: Path) -> None:
    answers, expected = whole_log(other_bkt)
    server = start(bkt)
    for item, correct in answers[:-1]:
        server.answer("ann", item, correct)
    server.live.now = Live(None, str(other_bkt)).now
    reply = server.answer("ann", *answers[-1])
    assert reply["number"] == len(answers)
    assert reply["expected"] == pytest.approx(expected[-1], abs=1e-9)


def test_a_learner_who_is_forgotten_is_nowhere(server: Running) -> None:
    server.answer("ann", "item-3", 1)
    assert server.ask("DELETE", "/learners/ann")[0] == 204
    assert server.refused("GET", "/learners/ann/mastery")[0] == 404
    assert server.refused("DELETE", "/learners/ann")[0] == 404
    assert server.answer("ann", "item-3", 1)["number"] == 1


@pytest.mark.parametrize("kind", [LastMean, PFA])
def test_a_tracer_that_reads_whole_histories_is_served_too(
    start: Callable[..., Running], tmp_path: Path, kind: Any
) -> None:
    server = start(save(kind.create(), tmp_path / "model"))
    log = small_log(1).of_learners(np.array([2])).take(np.arange(6))
    expected = kind.load(tmp_path / "model").predict(log)
    said = [
        server.answer("ann", str(log.items[i]), int(c))["expected"] for i, c in zip(log.item, log.correct, strict=True)
    ]
    assert said == pytest.approx(expected, abs=1e-9)


def test_items_that_nobody_answered_come_first_by_how_near_they_are_to_the_target(server: Running) -> None:
    server.answer("ann", "item-3", 1)
    reply = server.get("/learners/ann/next?k=30&policy=zpd&target=0.6")
    assert reply["policy"] == "zpd"
    new = [one for one in reply["items"] if not one["again"]]
    assert reply["items"][-1] == {"item": "item-3", "skills": ["skill-3"]} | {
        "expected": reply["items"][-1]["expected"],
        "again": True,
    }
    away = [abs(one["expected"] - 0.6) for one in new]
    assert away == sorted(away)
    assert len(new) == 23


def test_items_of_the_least_known_skills_come_first(server: Running) -> None:
    server.answer("ann", "item-3", 1)
    known = server.get("/learners/ann/mastery")["mastery"]
    best = server.get("/learners/ann/next?k=1&policy=lowest_mastery")["items"][0]
    assert "~~".join(best["skills"]) == min(known, key=lambda name: known[name])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("policy=zdp", "Unknown policy 'zdp'. Did you mean 'zpd'?"),
        ("k=0", "'k' is '0'; expected a whole number from 1 to 1000."),
        ("k=many", "'k' is 'many'"),
        ("target=nan", "'target' is 'nan'; expected a number from 0 to 1."),
        ("n=5", "Unknown query 'n'; expected k, policy, target."),
    ],
)
def test_a_wrong_question_for_the_next_item_is_refused(server: Running, query: str, sentence: str) -> None:
    server.answer("ann", "item-3", 1)
    status, message = server.refused("GET", f"/learners/ann/next?{query}")
    assert status == 422
    assert sentence in message


def test_without_a_list_of_items_skills_are_sent_and_nothing_is_recommended(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    server = start(save(BKT.create(), tmp_path / "bare", items=False))
    asked = {"item": "any", "correct": 1}
    status, message = server.refused("POST", "/learners/ann/interactions", asked)
    assert status == 422
    assert message == "The skills of item 'any' are not known to 'bare'; send 'skills' with it."
    assert server.answer("ann", "any", 1, skill="skill-3")["mastery"]["skill-3"] > 0.5
    status, message = server.refused("GET", "/learners/ann/next")
    assert status == 422
    assert "give the server one by --items FILE" in message


def test_tables_of_a_later_attain_are_refused(state: str) -> None:
    Learners(state, KEY).close()
    engine = open_engine(state)
    with writing(engine) as c:
        c.execute(tables.FORMATS.update().values(number=99))
    engine.dispose()
    with pytest.raises(UserError, match="kept in form 99, and this attain knows 1"):
        Learners(state, KEY)


def test_pseudonyms_of_another_key_are_refused(state: str) -> None:
    Learners(state, KEY).close()
    with pytest.raises(UserError, match="pseudonyms of another key"):
        Learners(state, b"another")


def test_what_is_kept_is_what_was_sent(server: Running) -> None:
    server.answer("ann", "item-4", 0, id="x", time=12.5)
    with writing(server.learners._engine) as c:
        row = c.execute(tables.ANSWERS.select()).one()._mapping
    assert (row["interaction"], row["item"], row["correct"]) == ("x", "item-4", 0)
    assert row["learner"] == pseudonyms(["ann"], KEY)[0]
    assert "ann" not in str(dict(row))
    assert json.loads(row["skills"]) == ["skill-4", "skill-5"]
    assert (row["time_s"], row["version"]) == (12.5, server.live.now.version)
