import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.data.load import described, load_source
from attain.data.stream.bound import Bound
from attain.data.stream.plan import Plan, plan

N = 20_000


@pytest.fixture(scope="module")
def text() -> str:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"learner": rng.integers(0, 300, N), "item": rng.integers(0, 50, N)})
    frame["correct"], frame["skill"] = rng.integers(0, 2, N), rng.choice(["a", "b~~c"], N)
    return str(frame.assign(time=np.arange(N), duration=7).to_csv(index=False))


def planned(path: Path, memory: Bound, rows: int | None = None) -> Plan:
    columns = {name: name for name in ("learner", "item", "correct", "skill", "time", "duration")}
    made = described({"file": str(path), "time_unit": "s", "columns": columns})
    return plan(made.files, made.source, memory, rows)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_plan_tells_rows_and_disk_as_they_become(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        (tmp_path / "a.csv").write_text(text)
        pd.read_csv(tmp_path / "a.csv").to_parquet(path)
    else:
        path.write_bytes(gzip.compress(text.encode()) if kind == "csv.gz" else text.encode())
    made = planned(path, Bound(1, always=True))
    assert made.rows == pytest.approx(N, rel=0.02)
    assert made.exact == (kind == "parquet")
    columns = {name: name for name in ("time", "duration", "skill")}
    dataset = load_source({"file": str(path), "time_unit": "s", "columns": columns}, memory=Bound(1, always=True))
    assert dataset.folder is not None
    kept = sum(path.stat().st_size for path in dataset.folder.glob("*.npy"))
    assert made.kept_bytes == pytest.approx(kept, rel=0.03)
    assert made.disk_bytes > made.kept_bytes


def test_a_plan_for_more_rows_is_streamed_within_its_bound(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    small = planned(tmp_path / "a.csv", Bound(1))
    large = planned(tmp_path / "a.csv", Bound(1), rows=131_000_000)
    assert not small.streamed
    assert large.streamed
    assert large.memory_bytes <= 1e9
    assert large.disk_bytes == pytest.approx(
        131_000_000 / N * planned(tmp_path / "a.csv", Bound(1, True), N).disk_bytes
    )
