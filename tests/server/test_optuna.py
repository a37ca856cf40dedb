"""An Optuna study whose trials are logged by Optuna's own MLflow callback, through the real client, to our server."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # of the client and of Optuna
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the client's own, at import
    mlflow = pytest.importorskip("mlflow", reason="the mlflow client is not installed")
    optuna = pytest.importorskip("optuna", reason="optuna is not installed")
    integration = pytest.importorskip("optuna_integration", reason="optuna-integration is not installed")


@pytest.fixture
def address(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a server of this test alone, which the client is set to."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment("Default")  # the client keeps the last one for the whole process
    yield server.url
    mlflow.set_tracking_uri(None)


def test_each_trial_of_a_study_is_a_run_with_what_it_tried_and_reached(address: str) -> None:
    callback = integration.MLflowCallback(tracking_uri=address, metric_name="loss", create_experiment=True)

    @callback.track_in_mlflow()
    def loss(trial: Any) -> float:
        x = trial.suggest_float("x", -1, 1)
        kind = trial.suggest_categorical("kind", ["a", "b"])
        mlflow.log_metric("inner", x, step=3)
        if trial.number == 2:
            raise optuna.TrialPruned
        trial.set_user_attr("seen", trial.number)
        return float(x**2 + (kind == "b"))

    study = optuna.create_study(study_name="tuning", sampler=optuna.samplers.RandomSampler(0))
    study.optimize(loss, n_trials=5, callbacks=[callback])

    runs = mlflow.search_runs(experiment_names=["tuning"], output_format="list")
    by_number = {int(run.info.run_name): run for run in runs}
    assert sorted(by_number) == [0, 1, 2, 3, 4]
    for trial in study.trials:
        run = by_number[trial.number]
        assert run.data.params == {name: str(value) for name, value in trial.params.items()}
        assert run.data.metrics["inner"] == trial.params["x"]
        assert run.data.metrics.get("loss") == trial.value
        assert run.data.tags["direction"] == "MINIMIZE"
        assert run.data.tags["state"] == trial.state.name
        assert run.data.tags.get("seen") == (str(trial.number) if trial.value is not None else None)
        assert run.info.status == "FINISHED"
    (best,) = mlflow.search_runs(
        experiment_names=["tuning"], order_by=["metrics.loss ASC"], max_results=1, output_format="list"
    )
    assert int(best.info.run_name) == study.best_trial.number


def test_a_study_of_two_aims_is_nested_in_an_open_run(address: str) -> None:
    callback = integration.MLflowCallback(
        tracking_uri=address, metric_name=["loss", "time"], create_experiment=False, mlflow_kwargs={"nested": True}
    )
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=optuna.samplers.RandomSampler(0))
    with mlflow.start_run(run_name="study") as parent:
        study.optimize(lambda trial: (trial.suggest_int("n", 1, 9), 1.0), n_trials=3, callbacks=[callback])
    children = mlflow.search_runs(
        experiment_ids=["0"], filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list"
    )
    assert sorted((run.data.metrics["loss"], run.data.metrics["time"]) for run in children) == sorted(
        (float(trial.params["n"]), 1.0) for trial in study.trials
    )
