"""A metric over the dates of runs: what is drawn, what is marked, and which change is said in words."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from attain.server.ui.pages import trends
from attain.tracking.entities import DatasetInput, MetricPoint
from attain.tracking.sql.store import Store

Running = Any  # the class of the conftest above
DAY = 86_400_000
START = 1_763_337_600_000
"""2025-11-17, in ms."""
HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"
See = Callable[[str], dict[str, Any]]


@pytest.fixture
def see(server: Running) -> See:
    """The facts of the page for a query."""

    def seen(query: str = "") -> dict[str, Any]:
        status, found = server.ask("GET", f"/trends.json?{query}")
        assert status == 200, found
        return found  # type: ignore[no-any-return]

    return seen


def measured(
    store: Store,
    experiment: str,
    day: float,
    auc: float | None,
    model: str = "bkt",
    data: str = "algebra",
    half: float | None = 0.01,
    params: dict[str, str] | None = None,
    **tags: str,
) -> str:
    """A finished run of a suite: its own number with its interval, and what it was made of."""
    said = {"attain.kind": "model", "attain.model": model, "attain.label": model, "attain.dataset": data}
    said |= {"mlflow.source.git.commit": "c0ffee", "attain.data_fingerprint": "f1", "attain.suite": "daily"}
    said |= {f"attain.{name}": value for name, value in tags.items()}
    if "commit" in tags:
        said["mlflow.source.git.commit"] = said.pop("attain.commit")
    given = {"model": model, "seed": str(day)} | (params or {})
    run = store.create_run(experiment, f"{model} · {data}", said, given, start_time=START + int(day * DAY))
    if auc is not None:
        ends = {} if half is None else {"auc/low": auc - half, "auc/high": auc + half}
        points = [MetricPoint(key, value, 1, 0) for key, value in ({"auc": auc} | ends).items()]
        store.log_batch(run.run_id, metrics=points)
    store.update_run(run.run_id, status="FINISHED", end_time=run.start_time + 1000)
    return run.run_id


def test_the_last_change_beyond_the_interval_is_said_with_its_cause(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    for day, auc, commit in ((0, 0.70, "a1"), (1, 0.78, "b2"), (2, 0.781, "b2"), (3, 0.74, "c3"), (4, 0.741, "d4")):
        measured(store, experiment, day, auc, commit=commit)
    found = see()
    assert found["said"] == [
        "auc of bkt on algebra fell from 0.7810 (0.7710 to 0.7910) to 0.7400 (0.7300 to 0.7500) on 2025-11-20; what "
        "changed: the commit (higher is better)."
    ]
    assert [row["changed"] for row in found["rows"]] == ["the commit", "the commit", "", "the commit", ""]
    assert found["chart"]["flags"] == ["code", "code", "code"]
    assert found["chart"]["moments"][0] == [START + DAY, "2025-11-18: the commit (bkt on algebra)"]


def test_a_drift_in_small_steps_is_measured_from_where_it_began(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    for day, auc in enumerate((0.70, 0.71, 0.72, 0.73)):
        measured(store, experiment, day, auc, half=0.012)
    (said,) = see()["said"]
    assert "rose from 0.7000 (0.6880 to 0.7120) to 0.7300" in said
    assert "over 3 runs since 2025-11-17; nothing that the runs record changed" in said


def test_what_cannot_be_told_from_chance_is_said_so(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    measured(store, experiment, 0, 0.70)
    assert "a second one shows" in see()["said"][0]
    measured(store, experiment, 1, 0.71)
    assert see()["said"] == ["No change of auc is beyond the intervals: nothing here can be told from chance."]
    other = store.create_experiment("by hand")
    for day, auc in enumerate((0.1, 0.9)):
        measured(store, other, day, auc, half=None)
    assert "have no interval of auc" in see(f"experiment={other}")["said"][0]


def test_code_data_and_config_are_told_apart_and_seeds_are_no_change(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    steps: list[dict[str, Any]] = [
        {},
        {"commit": "b2", "code": "same"},
        {"commit": "c3", "code": "same"},
        {"commit": "c3", "code": "other"},
        {"commit": "c3", "data_fingerprint": "f2"},
        {"commit": "c3", "data_fingerprint": "f2", "params": {"model.forget": "True"}},
        {"commit": "c3", "data_fingerprint": "f2", "params": {"model.forget": "True"}, "split": "9 folds"},
    ]
    for day, made in enumerate(steps):
        measured(store, experiment, day, 0.7, label=f"bkt seed={day}", **{"split": "5 folds", **made})
    changes = [row["changed"] for row in reversed(see()["rows"])]
    assert changes == [
        "",
        "the commit",
        "the commit (the model's code did not)",
        "the model's code or a library",
        "the data",
        "model.forget",
        "the split",
    ]


def test_data_that_a_client_logged_as_input_tells_a_change_too(store: Store, see: See) -> None:
    experiment = store.create_experiment("by hand")
    for day, digest in enumerate(("d1", "d2")):
        run = store.create_run(experiment, "fit", params={"model": "m"}, start_time=START + day * DAY)
        store.log_batch(run.run_id, metrics=[MetricPoint("loss", 0.5, 1, 0)])
        store.log_inputs(run.run_id, [DatasetInput("algebra", digest)])
    found = see("dataset=algebra")
    assert [(row["data"], row["changed"]) for row in found["rows"]] == [("algebra", "the data"), ("algebra", "")]
    assert found["told"] == "lower is better"


def test_experiment_metric_model_and_data_set_stand_in_the_address(store: Store, see: See, server: Running) -> None:
    experiment, other = store.create_experiment("daily"), store.create_experiment("weekly")
    for model, data in (("bkt", "algebra"), ("dkt", "algebra"), ("bkt", "statics")):
        measured(store, experiment, 0, 0.7, model, data)
    measured(store, other, 0, 0.6)
    assert len(see()["rows"]) == 4
    found = see(urlencode({"experiment": experiment, "metric": "auc", "model": "bkt", "dataset": "statics"}))
    assert [(row["model"], row["data"]) for row in found["rows"]] == [("bkt", "statics")]
    assert [(one[1]) for one in found["experiments"]] == ["weekly", "daily", "Default"]
    assert (found["models"], found["datasets"]) == (["bkt", "dkt"], ["algebra", "statics"])
    assert see("metric=nothing")["rows"] == []
    page = server.raw("GET", "/trends?model=nothing")[1].decode()
    assert "No run fits." in page
    assert 'value="nothing"' in page


def test_folds_suites_and_runs_without_the_number_are_left_out(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    kept = measured(store, experiment, 0, 0.7)
    measured(store, experiment, 1, None)
    measured(store, experiment, 2, 0.1, kind="fold")
    measured(store, experiment, 3, float("nan"))
    measured(store, experiment, 4, float("inf"))
    assert [row["run_id"] for row in see()["rows"]] == [kept]


def test_of_many_runs_the_last_are_shown_and_a_link_leads_to_earlier_ones(
    store: Store, see: See, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "READ", 10)
    experiment = store.create_experiment("daily")
    for day in range(14):
        measured(store, experiment, day, 0.7, model=f"m{day % 7}", commit=str(day))
    found = see()
    assert [row["at"] for row in found["rows"]] == [START + day * DAY for day in range(13, 3, -1)]
    assert "10 runs from 2025-11-21 to 2025-11-30; earlier ones are left out" in found["shown"]
    assert "the 6 models that ran last are drawn, the table has all 7" in found["shown"]
    status, earlier = server.ask("GET", found["next"])
    assert (status, earlier["next"], earlier["metric"]) == (200, "", "auc")
    assert [row["at"] for row in earlier["rows"]] == [START + day * DAY for day in range(4, -1, -1)]


def test_in_a_store_of_many_runs_only_the_last_are_looked_at(
    store: Store, see: See, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "LOOKED_AT", 3)
    experiment = store.create_experiment("daily")
    for day in range(9):
        measured(store, experiment, day, 0.7, model="early" if day < 2 else "late")
    found = see()
    assert "only the last 3 runs were looked at" in found["shown"]
    assert "No run fits." in server.raw("GET", "/trends?model=early")[1].decode()
    seen, address = [], "/trends.json?model=early"
    while address:
        found = server.ask("GET", address)[1]
        seen += [row["at"] for row in found["rows"]]
        address = found["next"]
    assert seen == [START + DAY, START]


def test_a_moment_that_is_none_is_refused_in_a_sentence(server: Running) -> None:
    for text in ("x", "-1", "²", "9" * 30):
        status, body = server.raw("GET", f"/trends?{urlencode({'before': text})}")
        assert (status, "expected ms since 1970" in body.decode()) == (400, True)


def test_names_full_of_markup_are_shown_and_not_run(store: Store, server: Running) -> None:
    experiment = store.create_experiment(f"daily {HOSTILE}")
    for day in range(3):
        measured(store, experiment, day, 0.7, model=HOSTILE, data=f"{HOSTILE} data", params={"a": f"{HOSTILE}{day}"})
    for query in ("", urlencode({"model": HOSTILE, "dataset": f"{HOSTILE} data", "metric": "auc"})):
        page = server.raw("GET", f"/trends?{query}")[1].decode()
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert(1)") > 3
        drawing = page[page.index("<svg") : page.index("</svg>") + 6]
        assert ElementTree.fromstring(drawing).get("onload") is None
        rows = list(csv.reader(io.StringIO(server.raw("GET", f"/trends.csv?{query}")[1].decode())))
        assert (len(rows), {len(row) for row in rows}) == (4, {9})
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    status, body = server.raw("GET", f"/trends?{urlencode({'metric': '`x` OR 1=1', 'model': chr(39)})}")
    assert (status, "No run fits." in body.decode()) == (200, True)


def test_an_empty_store_teaches_the_command_that_fills_the_page(server: Running) -> None:
    assert "attain run quick" in server.raw("GET", "/trends")[1].decode()


def test_what_somebody_may_not_read_is_in_no_trend(store: Store, ann_sees: Callable[[str], tuple[int, str]]) -> None:
    secret, known = store.create_experiment("secret"), store.create_experiment("known")
    measured(store, secret, 0, 0.7, model="hidden_model", data="hidden_data")
    measured(store, known, 0, 0.6)
    for path in ("/trends", "/trends.json", "/trends.csv"):
        status, page = ann_sees(path)
        assert (status, "hidden" in page, "secret" in page) == (200, False, False)
    assert ann_sees(f"/trends?experiment={secret}")[0] == 403
    store.access.permit("user", "ann", known, "read", "root", "experiment")
    assert "auc on algebra by the day" in ann_sees("/trends")[1]
    assert "hidden" not in ann_sees("/trends?metric=auc")[1]
    assert ann_sees(f"/trends?experiment={known}")[0] == 200


def test_an_experiment_that_is_not_there_is_said_in_a_sentence(server: Running) -> None:
    status, body = server.raw("GET", "/trends?experiment=99999")
    assert (status, "Not shown" in body.decode()) == (404, True)


def test_of_changes_on_one_day_that_of_a_model_is_said_before_that_of_a_baseline(store: Store, see: See) -> None:
    experiment = store.create_experiment("daily")
    for day, auc in ((0, 0.7), (1, 0.8)):
        measured(store, experiment, day, auc)
        measured(store, experiment, day + 0.1, 2 * auc - 1, model="mean", baseline="true")
    first, second = see()["said"]
    assert first.startswith("auc of bkt on algebra rose")
    assert second == "Beyond their intervals too: mean on algebra on 2025-11-18."


def test_the_table_beside_the_chart_says_dates_and_flags_stand_one_below_the_other(
    store: Store, server: Running
) -> None:
    experiment = store.create_experiment("daily")
    for day, commit in ((0, "a"), (9, "b")):
        measured(store, experiment, day, 0.7, commit=commit, data_fingerprint=commit)
    page = server.raw("GET", "/trends")[1].decode()
    assert "<td>2025-11-17 00:00</td>" in page
    words = [one.text for one in ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6]).iter()]
    assert words.index("data") == words.index("code") + 1
