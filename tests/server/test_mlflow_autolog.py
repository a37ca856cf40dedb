"""Training that logs by itself through the real MLflow client, against our server."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("uri", ["sqlite"], indirect=True),  # the rules of each database are tested elsewhere
    pytest.mark.filterwarnings("ignore"),  # of the client and the libraries that it patches
]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    mlflow = pytest.importorskip("mlflow", reason="the mlflow client is not installed")


@pytest.fixture
def client(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mlflow.set_tracking_uri(server.url)
    yield mlflow
    mlflow.sklearn.autolog(disable=True)
    mlflow.set_tracking_uri(None)


def test_scikit_learn_logs_params_metrics_data_plots_and_the_model(client: Any) -> None:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = (x[:, 0] > 0).astype(int)
    client.sklearn.autolog(extra_tags={"by": "autolog"})
    LogisticRegression(C=0.5).fit(x, y)
    (run,) = client.search_runs(experiment_ids=["0"], output_format="list")
    assert run.info.status == "FINISHED"
    assert run.data.params["C"] == "0.5"
    assert 0.9 < run.data.metrics["training_accuracy_score"] <= 1
    assert run.data.tags["by"] == "autolog"
    assert [tag.value for one in run.inputs.dataset_inputs for tag in one.tags] == ["train"]
    files = {file.path for file in client.MlflowClient().list_artifacts(run.info.run_id)}
    assert "estimator.html" in files
    (made,) = run.outputs.model_outputs
    model = client.get_logged_model(made.model_id)
    assert str(model.status) == "READY"
    loaded = client.sklearn.load_model(f"models:/{made.model_id}")
    assert loaded.predict(x).tolist() == LogisticRegression(C=0.5).fit(x, y).predict(x).tolist()


def test_a_torch_loop_logs_its_scalars(client: Any) -> None:
    torch = pytest.importorskip("torch")

    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(32, 2)
    y = (x[:, :1] > 0).float()
    with client.start_run() as run:
        client.log_params({"lr": 0.1, "epochs": 20})
        for step in range(20):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            client.log_metric("loss", loss.item(), step=step)
    history = client.MlflowClient().get_metric_history(run.info.run_id, "loss")
    losses = [point.value for point in history]
    assert len(losses) == 20
    assert losses == sorted(losses, reverse=True)
