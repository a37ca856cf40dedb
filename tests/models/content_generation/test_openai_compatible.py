import email.utils
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attain.core.errors import UserError
from attain.data.prompt_split import AllPrompts, ByPrompt, make
from attain.models.content_generation.openai_compatible import OpenaiCompatible
from attain.models.content_generation.recorded import Recorded
from attain.tasks.content_generation import Piece, run
from attain.tasks.context import FitContext
from attain.testing.chat_endpoint import ChatEndpoint, Reply, chat_endpoint, echo
from attain.testing.generator import GeneratorTests
from attain.testing.small_prompts import small_prompt_set, small_prompts

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with chat_endpoint() as one:
        yield one


def model(endpoint: ChatEndpoint, **params: object) -> OpenaiCompatible:
    usual = {"url": endpoint.url, "model": "stub", "first_wait_s": 0, "timeout_s": 5}
    return OpenaiCompatible.create(**{**usual, **params})


def pieces(endpoint: ChatEndpoint, **params: object) -> list[Piece]:
    one = model(endpoint, **params)
    return list(one.generate(small_prompts().asked(), FitContext()))


def first(endpoint: ChatEndpoint, **params: object) -> Piece:
    one = model(endpoint, **params)
    return next(iter(one.generate(small_prompts().asked(), FitContext())))


class TestPromises(GeneratorTests):
    model = OpenaiCompatible

    @pytest.fixture(autouse=True)
    def _at_an_endpoint(self, endpoint: ChatEndpoint) -> None:
        self.params = {"url": endpoint.url, "model": "stub", "shots": 2}  # type: ignore[misc]  # the port is free


def test_what_is_asked_is_the_wording_with_the_prompt_in_it(endpoint: ChatEndpoint) -> None:
    found = first(endpoint, instructions="Be short.", temperature=0.5, max_tokens=9)
    request = endpoint.asked[0]
    assert [m["role"] for m in request["messages"]] == ["system", "user"]
    assert "whose answer is: melts\n\nIce melts in the sun." in request["messages"][1]["content"]
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("stub", 0.5, 9)
    assert found.text == echo(request).text
    assert (found.tokens_in, found.finish_reason, found.state) == (12, "stop", "ok")
    assert found.seconds is not None


def test_examples_are_of_the_training_part_and_never_of_what_is_judged(endpoint: ChatEndpoint) -> None:
    data = small_prompt_set()
    for index in range(5):
        fold = make(ByPrompt(folds=5), data, index)
        del endpoint.asked[:]
        run(model(endpoint, shots=3), fold, FitContext(seed=index))
        judged = [row["passage"] for row in fold.test.records() if row["passage"]]
        learned = {row["references"][0] for row in fold.train.records()}
        assert endpoint.asked
        for request in endpoint.asked:
            *examples, _ = request["messages"]
            assert len(examples) == 6
            assert {m["content"] for m in examples if m["role"] == "assistant"} <= learned
            assert not [text for text in judged if any(text in m["content"] for m in examples)]


def test_examples_need_a_training_part(endpoint: ChatEndpoint) -> None:
    with pytest.raises(UserError, match=r"shots: 3 examples are wanted, and the training part has 0.*by: prompt"):
        run(model(endpoint, shots=3), make(AllPrompts(), small_prompt_set(), 0), FitContext())
    assert not endpoint.asked


def test_a_server_never_gets_the_answers_of_another_that_calls_its_model_the_same(endpoint: ChatEndpoint) -> None:
    pieces(endpoint)
    away = pieces(endpoint, retries=0, url="http://127.0.0.1:9/v1", max_failed_share=1)
    assert {piece.state for piece in away} == {"failed"}


def test_an_answer_is_paid_for_once(endpoint: ChatEndpoint) -> None:
    before = pieces(endpoint)
    n_asked = len(endpoint.asked)
    assert n_asked == len(before)
    assert pieces(endpoint) == before
    assert pieces(endpoint, replay="only", url="http://127.0.0.1:9/v1") == before, "wherever they came from"
    assert len(endpoint.asked) == n_asked
    pieces(endpoint, replay="never")
    assert len(endpoint.asked) == 2 * n_asked


@pytest.mark.parametrize("other", [{"temperature": 0.7}, {"max_tokens": 5}, {"model": "b"}, {"instructions": "x"}])
def test_another_setting_is_another_request(endpoint: ChatEndpoint, other: dict[str, object]) -> None:
    count = len(pieces(endpoint))
    pieces(endpoint, **other)
    assert len(endpoint.asked) == 2 * count


def test_samples_of_one_prompt_are_asked_apart(endpoint: ChatEndpoint) -> None:
    found = pieces(endpoint, samples=3, temperature=1.0)
    assert len({request["seed"] for request in endpoint.asked}) == 3
    assert [piece.sample for piece in found[:3]] == [0, 1, 2]
    assert len({piece.text for piece in found[:3]}) == 3
    assert pieces(endpoint, samples=3, temperature=1.0) == found


def test_replay_only_asks_nothing_and_names_what_is_missing(
    endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    before = pieces(endpoint, api_key_env="MY_KEY")
    monkeypatch.delenv("MY_KEY")
    asked = len(endpoint.asked)
    assert pieces(endpoint, api_key_env="MY_KEY", replay="only") == before
    with pytest.raises(UserError, match=r"10 of 10 answers are not in .* the first for prompt 'plain'"):
        pieces(endpoint, replay="only", temperature=0.9)
    assert len(endpoint.asked) == asked


def test_answers_lie_in_the_folder_that_is_named_beside_the_suite(endpoint: ChatEndpoint, home: Path) -> None:
    one = model(endpoint, cache="paid")
    list(one.generate(small_prompts().asked(), FitContext(folder=home / "suites")))
    (file,) = (home / "suites" / "paid").glob("stub-*.jsonl")
    assert len(file.read_text().splitlines()) == 10


def test_half_a_line_of_a_machine_that_went_down_is_passed_over(endpoint: ChatEndpoint, home: Path) -> None:
    before = pieces(endpoint, cache="paid")
    (file,) = (home / "paid").glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    assert pieces(endpoint, cache="paid")[:-1] == before[:-1]
    assert len(endpoint.asked) == 11
    assert len(file.read_bytes().splitlines()) == 11
    pieces(endpoint, cache="paid")
    assert len(endpoint.asked) == 11


def replies(*said: Reply | str) -> Any:  # a function for `ChatEndpoint.reply`
    left = [one if isinstance(one, Reply) else Reply(one) for one in said]
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def test_busy_and_broken_endpoints_are_asked_again(endpoint: ChatEndpoint) -> None:
    endpoint.reply = replies(Reply(status=429), Reply(status=503, body=b"busy"), Reply(status=500), "At last?")
    assert first(endpoint).text == "At last?"
    assert len(endpoint.asked) == 4


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_wrong_is_not_tried_again(endpoint: ChatEndpoint, status: int) -> None:
    endpoint.reply = replies(Reply(status=status, body=b'{"error": "too long"}'))
    found = first(endpoint)
    assert found.state == "failed"
    assert f'answered {status}: {{"error": "too long"}}' in found.error
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_every_prompt_would_be_told_stops_the_run(
    endpoint: ChatEndpoint, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    endpoint.reply = replies(Reply(status=status, body=f"bad key {KEY}".encode()))
    with pytest.raises(UserError, match=rf"answered {status}: bad key \[key\]") as problem:
        pieces(endpoint, api_key_env="MY_KEY")
    assert KEY not in str(problem.value)
    assert len(endpoint.asked) == 1


def test_an_endpoint_says_how_long_to_wait(endpoint: ChatEndpoint) -> None:
    endpoint.reply = replies(Reply(status=429, headers={"Retry-After": "0.2"}), "Now?")
    begun = time.perf_counter()
    assert first(endpoint).text == "Now?"
    assert time.perf_counter() - begun >= 0.2
    later = email.utils.formatdate(time.time() + 3600, usegmt=True)
    for asked in ("3600", later):
        endpoint.reply = replies(Reply(status=429, headers={"Retry-After": asked}))
        found = first(endpoint, temperature=0.1, longest_wait_s=1)
        assert found.state == "failed"
        assert "longer than longest_wait_s" in found.error


@pytest.mark.parametrize(
    ("body", "state", "said"),
    [
        (b"<!doctype html><title>Sign in</title>", "failed", "sent HTML"),
        (b'{"choices": [{"message": {"content": "Wha', "failed", "half an answer"),
        (b"", "failed", "half an answer"),
        (b'{"error": "none"}', "failed", "without 'choices'"),
        (b"[1, 2]", "failed", "without 'choices'"),
        (b'{"choices": []}', "empty", "no choice"),
        (b'{"choices": [null]}', "empty", ""),
        (b'{"choices": [{"message": {"content": null}}]}', "empty", ""),
        (b'{"choices": [{"message": {"content": "  "}}]}', "empty", ""),
        (b'{"choices": [{"message": {"content": ["x"]}}]}', "failed", "no text"),
        (b'{"choices": [{"message": {"refusal": "I will not."}}]}', "refused", "I will not."),
        (b'{"choices": [{"message": {"content": "x"}, "finish_reason": "content_filter"}]}', "refused", "filter"),
        (b'{"choices": [{"message": {"content": "\\u6c34?"}, "finish_reason": "length"}], "usage": 3}', "ok", ""),
    ],
)
def test_every_answer_has_a_state(endpoint: ChatEndpoint, body: bytes, state: str, said: str) -> None:
    endpoint.reply = replies(Reply(body=body))
    found = first(endpoint)
    assert found.state == state
    assert said in found.error
    assert found.text == ("水?" if state == "ok" else "")
    first(endpoint)
    assert len(endpoint.asked) == (2 if state == "failed" else 1)  # what failed is asked again, an answer is not


def test_half_a_character_of_an_endpoint_is_kept_as_a_question_mark(endpoint: ChatEndpoint) -> None:
    body = b'{"choices": [{"message": {"content": "Who \\ud800 sat?"}, "finish_reason": "stop\\udc00"}]}'
    endpoint.reply = replies(Reply(body=body))
    found = first(endpoint)
    assert (found.text, found.finish_reason) == ("Who ? sat?", "stop?")
    assert first(endpoint) == found
    assert len(endpoint.asked) == 1  # kept on the disk


def test_a_dead_endpoint_and_a_slow_one_are_failed_pieces(endpoint: ChatEndpoint) -> None:
    dead = first(endpoint, url="http://127.0.0.1:9/v1", retries=1)
    assert dead.state == "failed"
    assert "tried 2 times" in dead.error
    held = threading.Event()
    endpoint.reply = lambda request: (held.wait(5) and Reply("late")) or Reply("late")
    slow = first(endpoint, timeout_s=0.2, retries=0)
    held.set()
    assert slow.state == "failed"
    assert "timed out" in slow.error


def test_nobody_is_sent_elsewhere_with_the_key(endpoint: ChatEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    with chat_endpoint() as other:
        endpoint.reply = replies(Reply(status=302, headers={"Location": f"{other.url}/chat/completions"}))
        assert first(endpoint, api_key_env="MY_KEY").state == "failed"
        assert not other.asked


def test_the_key_is_sent_and_kept_nowhere(endpoint: ChatEndpoint, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    one = model(endpoint, api_key_env="MY_KEY")
    list(one.generate(small_prompts().asked(), FitContext()))
    assert endpoint.headers[0]["Authorization"] == f"Bearer {KEY}"
    one.save(home / "saved")
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]


def test_a_key_in_place_of_its_name_is_refused_and_not_printed(endpoint: ChatEndpoint) -> None:
    with pytest.raises(UserError, match="give the name of an environment variable") as problem:
        model(endpoint, api_key_env=KEY)
    assert KEY not in str(problem.value)


def test_a_key_that_is_not_set_is_named_before_anything_is_asked(endpoint: ChatEndpoint) -> None:
    with pytest.raises(UserError, match="'NO_SUCH_KEY', which 'api_key_env' names, is not set"):
        model(endpoint, api_key_env="NO_SUCH_KEY").check_data(small_prompts())


def test_a_prompt_over_the_limit_is_a_failed_piece_that_costs_nothing(endpoint: ChatEndpoint) -> None:
    found = pieces(endpoint, max_prompt_chars=98)
    long = [piece for piece in found if piece.state == "failed"]
    assert 0 < len(long) < 10
    assert all("max_prompt_chars allows 98" in piece.error for piece in long)
    assert len(endpoint.asked) == 10 - len(long)


def test_a_run_stops_asking_once_too_much_has_failed(endpoint: ChatEndpoint) -> None:
    endpoint.reply = replies(Reply(status=400, body=b"no"))
    with pytest.raises(UserError, match=r"3 of 10 pieces .* failed already.*Most often: the endpoint answered 400: no"):
        run(model(endpoint, max_failed_share=0.2), make(AllPrompts(), small_prompt_set(), 0), FitContext())
    assert len(endpoint.asked) == 3


def test_requests_keep_to_the_rate(endpoint: ChatEndpoint) -> None:
    begun = time.perf_counter()
    pieces(endpoint, requests_per_minute=3000)
    assert time.perf_counter() - begun >= 9 * 0.02


def test_the_answers_are_judged_as_they_are_by_recorded(endpoint: ChatEndpoint, home: Path) -> None:
    before = pieces(endpoint, cache="paid")
    (file,) = (home / "paid").glob("*.jsonl")
    texts = {piece.prompt: piece.text for piece in before}
    record = Recorded.create(file=str(file.relative_to(home)))
    again = record.generate(small_prompts().asked(), FitContext(folder=home))
    assert {piece.prompt: piece.text for piece in again} == texts
