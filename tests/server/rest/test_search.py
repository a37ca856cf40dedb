"""Searching runs over the wire, rule by rule of MLflow's protocol. The grammar itself: `tests/tracking/search`."""

from typing import Any

import pytest

Server = Any  # the class `Running` of the conftest above
BAD = (400, "INVALID_PARAMETER_VALUE")


@pytest.fixture(scope="module")
def filled(shared: Server) -> str:
    """An experiment with four runs, a to d, the first started first."""
    experiment: str = shared.post("experiments/create", name="searched")["experiment_id"]
    given = {
        "a": ({"auc": 0.6, "a b": 1}, {"model": "bkt", "lr": "0.1"}, {"team": "Red", "rank": "2"}),
        "b": ({"auc": 0.7}, {"model": "BKT"}, {"team": "red", "rank": "1"}),
        "c": ({"auc": "NaN"}, {"model": "dkt"}, {}),
        "d": ({}, {}, {"team": "blue", "rank": "3"}),
    }
    for at, (name, (metrics, params, tags)) in enumerate(given.items()):
        run_id = shared.run(experiment_id=experiment, run_name=name, start_time=at + 1, user_id="ann")
        shared.post(
            "runs/log-batch",
            run_id=run_id,
            metrics=[{"key": key, "value": value, "timestamp": 1} for key, value in metrics.items()],
            params=[{"key": key, "value": value} for key, value in params.items()],
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
    first = found_ids(shared, experiment, "run_name = 'a'")[0]
    shared.post("runs/update", run_id=first, status="FINISHED", end_time=10)
    dataset = {"name": "train", "digest": "9f", "source_type": "local", "source": "x"}
    tag = {"key": "mlflow.data.context", "value": "training"}
    shared.post("runs/log-inputs", run_id=first, datasets=[{"dataset": dataset, "tags": [tag]}])
    return experiment


def found_ids(shared: Server, experiment: str, filter: str, **more: object) -> list[str]:
    reply = shared.post("runs/search", experiment_ids=[experiment], filter=filter, **more)
    return [run["info"]["run_id"] for run in reply.get("runs", [])]


def found(shared: Server, experiment: str, filter: str = "", **more: object) -> str:
    """The names of the runs, in order."""
    reply = shared.post("runs/search", experiment_ids=[experiment], filter=filter, **more)
    return "".join(run["info"]["run_name"] for run in reply.get("runs", []))


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ("", "dcba"),
        ("metrics.auc > 0.65", "b"),
        ("metric.auc >= 0.6 AND metrics.auc < 7e-1", "a"),
        ("metrics.auc != 0.6", "b"),
        ("metrics.auc <= 0.7", "ba"),
        ("metrics.`a b` = 1", "a"),
        ('metrics."a b" = 1', "a"),
        ("params.model = 'bkt'", "a"),
        ('parameters.model != "bkt"', "cb"),
        ("param.model LIKE 'b%'", "a"),
        ("params.model ILIKE 'b%'", "ba"),
        ("params.lr IS NULL", "dcb"),
        ("params.lr IS NOT NULL", "a"),
        ("tags.team = 'red'", "b"),
        ("tag.team ILIKE 'r_d'", "ba"),
        ("tags.team IS NULL", "c"),
        ("tags.mlflow.runName = 'c'", "c"),
        ("status = 'FINISHED'", "a"),
        ("attributes.status != 'FINISHED'", "dcb"),
        ("attr.user_id = 'ann'", "dcba"),
        ("run.run_name LIKE '_'", "dcba"),
        ("`Run Name` = 'b'", "b"),
        ("`run name` = 'b'", "b"),
        ("start_time > 2", "dc"),
        ("created <= 2", "ba"),
        ("end_time = 10", "a"),
        ("artifact_uri LIKE 'mlflow-artifacts:/%'", "dcba"),
        ("datasets.name = 'train'", "a"),
        ("dataset.digest IN ('9f', 'x')", "a"),
        ("dataset.context = 'training'", "a"),
        ("tags.team = 'blue' OR (metrics.auc > 0.6 AND NOT params.model = 'x')", "db"),
    ],
)
def test_a_filter_finds_the_runs_that_it_says(shared: Server, filled: str, filter: str, names: str) -> None:
    assert found(shared, filled, filter) == names


def test_runs_are_found_by_their_ids(shared: Server, filled: str) -> None:
    ids = found_ids(shared, filled, "start_time < 3")
    assert found(shared, filled, f"run_id IN ('{ids[0]}', '{ids[1]}')") == "ba"
    assert found(shared, filled, f"attributes.run_id = '{ids[0]}'") == "b"


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (["metrics.auc DESC"], "bacd"),
        (["metrics.auc"], "abcd"),
        (["metrics.auc ASC", "metrics.auc DESC"], "abcd"),
        (["params.lr"], "adcb"),
        (["params.lr DESC"], "adcb"),
        (["tags.rank", "start_time ASC"], "badc"),
        (["tags.rank DESC"], "dabc"),
        (["attributes.start_time ASC"], "abcd"),
        (["status", "start_time"], "abcd"),
        (["end_time DESC"], "adcb"),
    ],
)
def test_an_order_puts_nan_after_numbers_and_the_missing_last(
    shared: Server, filled: str, order: list[str], names: str
) -> None:
    assert found(shared, filled, order_by=order) == names


@pytest.mark.parametrize(
    "fields",
    [
        {"filter": "  "},
        {"filter": "auc > 0.5"},
        {"filter": "metrics.auc > '0.5'"},
        {"filter": "params.model = bkt"},
        {"filter": "params.model > 'a'"},
        {"filter": "metrics.auc LIKE 'a'"},
        {"filter": "metrics.auc BETWEEN 1 AND 2"},
        {"filter": "metrics.auc > 0.5;"},
        {"filter": "Metrics.auc > 0.5"},
        {"filter": "nothing.auc > 0.5"},
        {"filter": "metrics.auc >"},
        {"filter": "params.model = 'a"},
        {"filter": 5},
        {"order_by": ["auc"]},
        {"order_by": ["metrics.auc UP"]},
        {"order_by": [5]},
        {"order_by": "metrics.auc"},
        {"max_results": 0},
        {"max_results": -1},
        {"max_results": 50_001},
        {"page_token": "nonsense"},
        {"run_view_type": "SOME"},
        {"experiment_ids": "0"},
    ],
)
def test_a_search_that_makes_no_sense_is_400(shared: Server, filled: str, fields: dict[str, object]) -> None:
    assert shared.refused("runs/search", **{"experiment_ids": [filled], **fields})[:2] == BAD


def test_a_bad_filter_is_pointed_at(shared: Server, filled: str) -> None:
    message = shared.refused("runs/search", experiment_ids=[filled], filter="metrics.auc >> 1")[2]
    assert "character 14" in message
    assert message.endswith("metrics.auc >> 1\n               ^")


def test_no_experiments_have_no_runs(shared: Server) -> None:
    assert shared.post("runs/search") == {}
    assert shared.post("runs/search", experiment_ids=["987654321", "nonsense"]) == {}


def test_views_tell_active_and_deleted_runs_apart(shared: Server, experiment: str) -> None:
    for name in "ab":
        shared.run(experiment_id=experiment, run_name=name, start_time=ord(name))
    shared.post("runs/delete", run_id=found_ids(shared, experiment, "run_name = 'a'")[0])
    assert found(shared, experiment) == found(shared, experiment, run_view_type="ACTIVE_ONLY") == "b"
    assert found(shared, experiment, run_view_type="DELETED_ONLY") == "a"
    assert found(shared, experiment, run_view_type="ALL") == found(shared, experiment, run_view_type=3) == "ba"


def test_pages_neither_repeat_nor_lose_runs_while_others_are_added(shared: Server, experiment: str) -> None:
    ids = [shared.run(experiment_id=experiment, start_time=100 + at) for at in range(7)]
    asked: dict[str, object] = {"experiment_ids": [experiment], "max_results": 3}
    pages, token = [], ""
    while token is not None:
        reply = shared.post("runs/search", **asked, page_token=token)
        pages.append([run["info"]["run_id"] for run in reply["runs"]])
        token = reply.get("next_page_token")
        shared.run(experiment_id=experiment, start_time=999)
    assert pages == [ids[:3:-1], ids[3:0:-1], ids[:1]]


def test_a_token_belongs_to_its_question(shared: Server, experiment: str) -> None:
    for at in range(3):
        shared.run(experiment_id=experiment, start_time=at)
    token = shared.post("runs/search", experiment_ids=[experiment], max_results=2)["next_page_token"]
    other = {"experiment_ids": [experiment], "page_token": token, "filter": "start_time > 0"}
    assert shared.refused("runs/search", **other)[:2] == BAD


@pytest.mark.parametrize("operator", ["LIKE", "ILIKE"])
def test_a_pattern_of_any_length_is_searched_for_or_refused(shared: Server, filled: str, operator: str) -> None:
    for sign in ("x", "%", "_", "\N{MATHEMATICAL BOLD CAPITAL A}", "\\"):
        assert found_ids(shared, filled, f"tags.team {operator} '{sign * 10_000}'") == found_ids(
            shared, filled, "tags.team LIKE '%'" if sign == "%" else "tags.team = ''"
        )
        filter = f"tags.team {operator} '{sign * 60_000}'"
        assert shared.refused("runs/search", experiment_ids=[filled], filter=filter)[:2] == BAD


def test_as_many_ids_and_values_as_are_taken_can_be_searched_for(shared: Server, filled: str) -> None:
    experiments = [filled, *map(str, range(10**6, 10**6 + 19_999))]
    values = ", ".join(f"'{number}'" for number in range(10_000))
    found = shared.post("runs/search", experiment_ids=experiments, filter=f"tags.rank IN ({values})")["runs"]
    assert sorted(run["info"]["run_name"] for run in found) == ["a", "b", "d"]
    status, _, message = shared.refused("runs/search", experiment_ids=[*experiments, "0"])
    assert (status, message) == (
        400,
        "Parameter 'experiment_ids' has 20,001 entries; at most 20,000 are taken. Send fewer at once.",
    )
    message = shared.refused("runs/search", experiment_ids=[filled], filter=f"tags.rank IN ({values}, 'x')")[2]
    assert "more than 10,000 values in lists" in message


def test_runs_that_began_at_once_come_by_their_ids(shared: Server, experiment: str) -> None:
    ids = [shared.run(experiment_id=experiment, start_time=5) for _ in range(5)]
    assert found_ids(shared, experiment, "") == sorted(ids)


@pytest.mark.parametrize("filter", ["metrics.AUC > 0", "params.Model = 'bkt'", "tags.TEAM = 'red'"])
def test_a_key_is_written_in_one_way(shared: Server, filled: str, filter: str) -> None:
    assert found(shared, filled, filter) == ""
