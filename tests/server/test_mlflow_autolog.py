"""Training that logs by itself through the real MLflow client, against our server."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of the client and the libraries that it patches
]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    mlflow = pytest.importorskip("mlflow", reason="the mlflow client is not installed")


@pytest.fixture
def client(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment("Default")  # the client keeps the last one for the whole process
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


def test_lightning_logs_params_every_epoch_and_the_model(client: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    lightning = pytest.importorskip("pytorch_lightning")

    class Tracer(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.line = torch.nn.Linear(2, 1)

        def training_step(self, batch: Any, at: int) -> Any:
            x, y = batch
            loss = torch.nn.functional.binary_cross_entropy_with_logits(self.line(x), y)
            self.log("loss", loss, on_epoch=True)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.5)

    torch.manual_seed(0)
    x = torch.randn(32, 2)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, (x[:, :1] > 0).float()), batch_size=8)
    client.pytorch.autolog()
    try:
        trainer = lightning.Trainer(
            max_epochs=4, accelerator="cpu", logger=False, enable_progress_bar=False, default_root_dir=tmp_path
        )
        model = Tracer()
        trainer.fit(model, data)
    finally:
        client.pytorch.autolog(disable=True)
    (run,) = client.search_runs(experiment_ids=["0"], output_format="list")
    assert run.info.status == "FINISHED"
    assert (run.data.params["epochs"], run.data.params["optimizer_name"]) == ("4", "SGD")
    losses = [point.value for point in client.MlflowClient().get_metric_history(run.info.run_id, "loss_epoch")]
    assert len(losses) == 4
    assert losses == sorted(losses, reverse=True)
    (made,) = run.outputs.model_outputs
    loaded = client.pytorch.load_model(f"models:/{made.model_id}")
    assert torch.equal(loaded.line.weight, model.line.weight)
