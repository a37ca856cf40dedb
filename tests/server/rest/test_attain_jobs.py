"""What our own client asks beyond MLflow's protocol, as it stands on the wire."""

from collections.abc import Callable
from typing import Any

import pytest

from attain.tracking.artifacts import log_files
from attain.tracking.entities import KEY_TAG, MetricPoint
from attain.tracking.liveness import this_process

ELSEWHERE = "0123456789abcdef.12.345"


@pytest.fixture
def ask(server: Any) -> Callable[..., Any]:  # `Running` of the server tests' conftest
    def post(path: str, **fields: Any) -> Any:
        return server.post(f"/api/attain/{path}", **fields)

    return post


def test_a_run_is_made_whole_under_the_id_that_the_client_chose(server: Any, ask: Callable[..., Any]) -> None:
    fields = {"run_id": "ab" * 16, "experiment_id": "0", "run_name": "first", "start_time": 5, "user_id": "ada"}
    labels = {"tags": [{"key": "a", "value": "1"}], "params": [{"key": "lr", "value": "0.1"}]}
    assert ask("runs/create", **fields, **labels, process=ELSEWHERE)["run_id"] == "ab" * 16
    run = server.store.get_run("ab" * 16)
    assert (run.name, run.user_id, run.start_time, run.process) == ("first", "ada", 5, ELSEWHERE)
    assert (run.tags["a"], run.params) == ("1", {"lr": "0.1"})
    again = server.refused("/api/attain/runs/create", **fields)
    assert again[:2] == (400, "RESOURCE_ALREADY_EXISTS")


def test_points_of_many_runs_arrive_once_however_often_they_are_sent(server: Any, ask: Callable[..., Any]) -> None:
    run_ids = [server.run(experiment_id="0") for _ in range(2)]
    rows = [[0, "loss", 0.5, 1, 0], [1, "loss", "NaN", "2", "-3"], [2, "loss", 1, 1, 0]]
    for _ in range(2):
        assert ask("points", run_ids=[*run_ids, "gone"], points=rows) == {"unknown": ["gone"]}
    assert server.store.metric_history(run_ids[0], "loss").items == [MetricPoint("loss", 0.5, 1, 0)]
    assert server.store.get_run(run_ids[1]).latest["loss"].step == -3


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("x", "expected to be a list of"),
        ([[0, "loss", 1.0, 1]], "expected to be a list of"),
        ([[1, "loss", 1.0, 1, 0]], "expected its place in run_ids"),
        ([[True, "loss", 1.0, 1, 0]], "expected its place in run_ids"),
        ([[0, "loss", None, 1, 0]], "expected a number"),
        ([[0, 7, 1.0, 1, 0]], "expected text"),
        ([[0, "loss", 1.0, -1, 0]], "expected milliseconds"),
    ],
)
def test_wrong_points_are_refused_and_none_is_kept(server: Any, points: Any, said: str) -> None:
    run_id = server.run(experiment_id="0")
    wrong = points if isinstance(points, str) else [[0, "loss", 1.0, 1, 0], *points]
    status, code, message = server.refused("/api/attain/points", run_ids=[run_id], points=wrong)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in message
    assert server.store.count_points(run_id) == 0


def test_a_sign_of_life_is_noted_and_told(server: Any, ask: Callable[..., Any]) -> None:
    run_id = server.run(experiment_id="0")
    assert ask("runs/attended", run_ids=[run_id]) == {"runs": {run_id: [None, None]}}
    ask("heartbeat", run_ids=[run_id], process=ELSEWHERE)
    process, beat = ask("runs/attended", run_ids=[run_id, "gone"])["runs"][run_id]
    assert process == ELSEWHERE
    assert beat > 1_700_000_000_000


@pytest.mark.parametrize("process", ["x", "0123456789abcdef.x.1", "../../etc", "0123456789abcdef.1.2.3"])
def test_a_process_that_is_none_is_refused(server: Any, process: str) -> None:
    status, _, message = server.refused("/api/attain/heartbeat", run_ids=[], process=process)
    assert status == 400
    assert "expected 16 hexadecimal digits" in message


def test_a_job_is_claimed_by_one_run_at_a_time(server: Any, ask: Callable[..., Any]) -> None:
    first, second = (server.run(experiment_id="0") for _ in range(2))
    assert ask("claims/take", key="job", run_id=first, process=this_process()) == {"granted": True}
    assert ask("claims/take", key="job", run_id=second, process=ELSEWHERE) == {"granted": False}
    assert ask("claims/held", keys=["job", "other"]) == {"runs": {"job": first}}
    ask("claims/release", key="job")
    assert ask("claims/take", key="job", run_id=second, process=ELSEWHERE) == {"granted": True}


def test_finished_jobs_are_counted_and_found(server: Any, ask: Callable[..., Any]) -> None:
    run_id = server.run(experiment_id="0", tags=[{"key": KEY_TAG, "value": "job"}])
    assert ask("runs/finished", keys=["job"]) == {"runs": {}}
    server.post("runs/update", run_id=run_id, status="FINISHED")
    assert ask("runs/finished", keys=["job"]) == {"runs": {"job": run_id}}
    assert ask("runs/count", experiment_ids=["0"], filter="status = 'FINISHED'") == {"count": 1}
    assert ask("runs/count", experiment_ids=["0"], run_view_type="DELETED_ONLY") == {"count": 0}
    assert server.refused("/api/attain/runs/count", experiment_ids=["0"], run_view_type="SOME")[0] == 400


def test_all_files_of_a_run_are_listed_at_once(server: Any, ask: Callable[..., Any]) -> None:
    run_id = server.run(experiment_id="0")
    log_files(server.store, run_id, {"a.txt": b"x", "b/c/d.txt": b"yy"})
    assert [(f["path"], f["size"]) for f in ask("artifacts", run_id=run_id)["files"]] == [
        ("a.txt", 1),
        ("b/c/d.txt", 2),
    ]
    status, reply = server.ask("POST", "/api/attain/artifacts", {"run_id": run_id, "path": "b"})
    assert (status, [f["path"] for f in reply["files"]]) == (200, ["b/c/d.txt"])
