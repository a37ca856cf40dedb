import json

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
import yaml

from attain.tracking.artifact_kinds import load_table, log_dict, log_figure, log_table, log_text
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store

DATA = {"name": "Élan", "values": [1, 2.5, None]}


def test_text_is_kept_as_utf8(store: Store, run: Run) -> None:
    log_text(store, run.run_id, "Élan\n", "a.txt")
    assert read_bytes(store, run.run_id, "a.txt").decode() == "Élan\n"


def test_data_is_kept_as_json_or_yaml(store: Store, run: Run) -> None:
    for path in ("a.json", "a.yaml", "a.yml"):
        log_dict(store, run.run_id, DATA, path)
    assert json.loads(read_bytes(store, run.run_id, "a.json")) == DATA
    assert yaml.safe_load(read_bytes(store, run.run_id, "a.yaml")) == DATA
    assert read_bytes(store, run.run_id, "a.yaml") == read_bytes(store, run.run_id, "a.yml")
    with pytest.raises(Invalid, match="cannot be written as JSON"):
        log_dict(store, run.run_id, {"a": object()}, "b.json")


@pytest.mark.parametrize(("path", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a", b"\x89PNG")])
def test_a_figure_is_kept_in_the_format_of_its_path(store: Store, run: Run, path: str, begins: bytes) -> None:
    log_figure(store, run.run_id, matplotlib.figure.Figure(), path)
    assert read_bytes(store, run.run_id, path).startswith(begins)


def test_a_figure_that_writes_pages_is_kept_as_one(store: Store, run: Run) -> None:
    class Plotly:
        def to_html(self) -> str:
            return "<html></html>"

    log_figure(store, run.run_id, Plotly(), "a.html")
    assert read_bytes(store, run.run_id, "a.html") == b"<html></html>"
    for figure, path in ((Plotly(), "a.png"), ("text", "a.html")):
        with pytest.raises(Invalid, match="cannot be kept as"):
            log_figure(store, run.run_id, figure, path)


@pytest.mark.parametrize("path", ["t.json", "t.csv", "t.parquet"])
def test_rows_of_a_table_go_below_those_that_are_there(store: Store, run: Run, path: str) -> None:
    log_table(store, run.run_id, {"model": "bkt", "auc": 0.75}, path)
    log_table(store, run.run_id, {"model": ["dkt", "irt"], "auc": np.array([0.8, 0.7])}, path)
    log_table(store, run.run_id, pd.DataFrame({"model": ["pfa"], "auc": [0.1 + 0.2]}), path)
    found = load_table(store, run.run_id, path)
    assert found["model"].tolist() == ["bkt", "dkt", "irt", "pfa"]
    assert found["auc"].tolist() == [0.75, 0.8, 0.7, 0.1 + 0.2]


@pytest.mark.parametrize("path", ["t.json", "t.csv", "t.parquet"])
def test_a_missing_number_stays_missing(store: Store, run: Run, path: str) -> None:
    log_table(store, run.run_id, {"auc": [0.5, float("nan")]}, path)
    assert load_table(store, run.run_id, path)["auc"].isna().tolist() == [False, True]


def test_a_table_of_another_kind_is_refused(store: Store, run: Run) -> None:
    with pytest.raises(Invalid, match=r"\.json, \.csv or \.parquet"):
        log_table(store, run.run_id, {"a": [1]}, "t.xlsx")
