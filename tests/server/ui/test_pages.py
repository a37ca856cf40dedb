"""What each page answers, to whoever comes with a question; its JSON and CSV say the same."""

import csv
import io
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.promotions import PROMOTED, about
from attain.tracking.sql.store import Store

Filled = Any  # the class of the conftest

ODD = {"rmse": "NaN", "auc": "Infinity"}


def paths(filled: Filled) -> list[str]:
    return [
        "/",
        f"/experiments/{filled.experiment}",
        f"/experiments/{filled.experiment}?group=model",
        f"/experiments/{filled.experiment}/chart",
        f"/runs/{filled.runs['bkt']}",
        "/models",
        f"/models/{quote(filled.model, safe='')}",
        "/compare?" + "&".join(f"run={one}" for one in filled.runs.values()),
    ]


def test_no_page_runs_what_somebody_typed_as_a_name(filled: Filled) -> None:
    for path in paths(filled):
        page = filled.page(path)
        assert "<script>alert" not in page, path
        assert 'onload="' not in page
        assert "&lt;script&gt;alert(1)" in page, f"{path} shows the name"


def test_each_page_is_there_as_json_and_as_csv_that_no_spreadsheet_runs(filled: Filled) -> None:
    for path in paths(filled):
        head, _, query = path.partition("?")
        twin = "/index" if head == "/" else head
        query = f"?{query}" if query else ""
        assert filled.facts(f"{twin}.json{query}")["title"]
        rows = list(csv.reader(io.StringIO(filled.page(f"{twin}.csv{query}"))))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_home_names_the_best_run_of_each_experiment_with_its_interval(filled: Filled) -> None:
    (row,) = [one for one in filled.facts("/index.json")["rows"] if one["runs"]]
    assert (row["runs"], row["metric"], row["best"]) == (3, "auc", 0.78)
    assert (row["low"], row["high"], row["best_run"]) == (0.77, 0.79, filled.runs["dkt"])
    assert row["spark"]["values"] == pytest.approx([0.70, 0.78, 0.74])


def test_an_experiment_lists_the_best_first_and_what_differs(filled: Filled) -> None:
    found = filled.facts(f"/experiments/{filled.experiment}.json")
    assert [line["run_id"] for line in found["lines"]] == [filled.runs[m] for m in ("dkt", "irt", "bkt")]
    assert [head["name"] for head in found["heads"]][:2] == ["auc", "rmse"]
    assert "model" in [head["name"] for head in found["heads"]]
    assert "same" not in [head["name"] for head in found["heads"]]
    assert found["lines"][0]["cells"][0]["half"] == pytest.approx(0.01)


def test_a_filter_narrows_and_one_that_cannot_be_read_stays_to_be_mended(filled: Filled) -> None:
    address = f"/experiments/{filled.experiment}"
    narrowed = filled.facts(f"{address}.json?{urlencode({'filter': 'metrics.auc > 0.72'})}")
    assert len(narrowed["lines"]) == 2
    typed = "metrics.auc >> 'x"
    page = filled.page(f"{address}?{urlencode({'filter': typed})}")
    assert 'value="metrics.auc &gt;&gt; &#39;x"' in page
    assert 'role="alert"' in page
    assert "No filter, for the one that was typed cannot be read." in page


def test_a_facet_narrows_also_by_a_value_full_of_quotes(filled: Filled, server: Any) -> None:
    for number, value in enumerate(("it's", "it's", "\"both\" 'kinds' \\")):
        run_id = server.run(experiment_id=filled.experiment, run_name=str(number))
        server.post("runs/set-tag", run_id=run_id, key="attain.model", value=value)
    (model,) = [
        one for one in filled.facts(f"/experiments/{filled.experiment}.json")["facets"] if one["name"] == "model"
    ]
    for value, count, address in model["values"]:
        found = filled.facts(address)
        assert (found["problem"], len(found["lines"])) == ("", count), value


def test_runs_below_others_are_folded_until_they_are_asked_for(filled: Filled, server: Any) -> None:
    below = server.run(experiment_id=filled.experiment, run_name="part")
    server.post("runs/set-tag", run_id=below, key="mlflow.parentRunId", value=filled.runs["bkt"])
    address = f"/experiments/{filled.experiment}.json"
    folded = filled.facts(f"{address}?kind=all")
    assert below not in [line["run_id"] for line in folded["lines"]]
    (line,) = [line for line in folded["lines"] if line["parts"]]
    assert (line["run_id"], line["parts"]) == (filled.runs["bkt"], 1)
    parts = filled.facts(line["parts_address"])
    assert [one["run_id"] for one in parts["lines"]] == [below]
    unfolded = filled.facts(f"{address}?kind=all&parts=show")
    assert below in [line["run_id"] for line in unfolded["lines"]]
    named = urlencode({"kind": "all", "filter": "attributes.run_name = 'part'"})
    found = filled.facts(f"{address}?{named}")
    assert [line["run_id"] for line in found["lines"]] == [below], "a filter finds what is folded too"


def test_tags_that_somebody_gave_are_facets_too(filled: Filled, server: Any) -> None:
    server.post("runs/set-tag", run_id=filled.runs["irt"], key="team", value="it's us")
    found = filled.facts(f"/experiments/{filled.experiment}.json")
    (team,) = [one for one in found["facets"] if one["name"] == "team"]
    ((value, count, address),) = team["values"]
    assert (value, count) == ("it's us", 1)
    narrowed = filled.facts(address)
    assert [line["run_id"] for line in narrowed["lines"]] == [filled.runs["irt"]]


def test_columns_order_and_kind_stand_in_the_address(filled: Filled) -> None:
    query = urlencode({"metric": "rmse", "param": "same", "order": "metrics.rmse ASC", "kind": "all"})
    found = filled.facts(f"/experiments/{filled.experiment}.json?{query}")
    assert [head["name"] for head in found["heads"]] == ["rmse", "same"]
    assert found["lines"][0]["run_id"] == filled.runs["dkt"]
    rmse = found["heads"][0]
    assert rmse["told"] == "lower is better"
    assert quote("metrics.`rmse` ", safe="").replace("%20", "+") in rmse["sort"]


def test_columns_are_chosen_by_the_names_of_metrics_and_not_by_the_keys_of_the_store(filled: Filled) -> None:
    point = {"key": "bleu of 13a and 4", "value": 1, "timestamp": 1, "step": 0}
    filled.server.post("runs/log-batch", run_id=filled.runs["bkt"], metrics=[point])
    page = filled.page(f"/experiments/{filled.experiment}")
    assert 'value="bleu of 13a and 4" checked> bleu[13a,4]</label>' in page


def test_the_command_of_a_page_is_safe_to_paste(filled: Filled, server: Any) -> None:
    made = server.post("experiments/create", name="x'; rm -rf ~ `id` $(id)")["experiment_id"]
    server.run(experiment_id=made, run_name="a")
    command = filled.facts(f"/experiments/{made}.json")["command"]
    assert command.startswith("attain runs --suite 'x'\"'\"'; rm -rf ~ `id` $(id)'")


def test_params_of_several_values_stand_before_those_that_some_runs_lack(filled: Filled) -> None:
    for model, system in (("bkt", "one"), ("dkt", "two")):
        params = [{"key": "a_default", "value": "-"}, {"key": "system", "value": system}]
        filled.server.post("runs/log-batch", run_id=filled.runs[model], params=params)
    heads = [one["name"] for one in filled.facts(f"/experiments/{filled.experiment}.json")["heads"]]
    assert heads[-3:] == ["model", "system", "a_default"]


def test_a_run_says_its_numbers_params_curves_and_how_to_see_it_as_a_command(filled: Filled) -> None:
    found = filled.facts(f"/runs/{filled.runs['dkt']}.json")
    assert {one["name"]: one["value"] for one in found["measured"]}["auc"] == 0.78
    assert ["model", "dkt"] in found["params"]
    assert len(found["curves"]) == 1
    assert found["curves"][0]["lines"][0]["points"][-1] == [4.0, 0.2]
    assert found["command"] == f"attain show {filled.runs['dkt'][:8]}"
    assert found["status"] == "finished"


def test_a_model_says_which_version_is_in_use_and_where_each_came_from(filled: Filled) -> None:
    (row,) = filled.facts("/models.json")["rows"]
    assert (row["name"], row["last"], row["aliases"]) == (filled.model, 2, [["champion", 1]])
    assert filled.page(row["address"]).count("is version 1") == 1
    versions = filled.facts(f"{row['address']}.json")["versions"]
    assert [(v["version"], v["run_id"], v["aliases"]) for v in versions] == [
        (2, filled.runs["dkt"], []),
        (1, filled.runs["bkt"], ["champion"]),
    ]
    assert "Not shown" in filled.page("/models/nothing", 404)


def test_a_model_says_who_moved_its_alias_why_and_after_which_checks(filled: Filled, store: Store) -> None:
    path = f"/models/{quote(filled.model, safe='')}"
    said = {"alias": "champion", "version": 2, "result": "promoted", "because": "as good <script>alert(1)</script>"}
    checks: list[Fact] = ["comparison: passed: better by 0.02"]
    moved = {"expected": 1, "by": "ada", "action": PROMOTED}
    store.registry.move_alias(filled.model, "champion", 2, said=said | {"checks": checks}, **moved)
    store.access.record("bob", PROMOTED, about(filled.model), said | {"version": 3, "result": "refused"})
    found = filled.facts(f"{path}.json")["decisions"]
    assert [(one["by"], one["version"], one["result"]) for one in found[:2]] == [
        ("bob", "3", "refused"),
        ("ada", "2", "promoted"),
    ]
    assert found[1]["checks"] == checks
    page = filled.page(path)
    assert "as good &lt;script&gt;" in page
    assert "no audit" in page


LONG = "نص طويل " + "\N{GRINNING FACE}" * 50 + "x" * 10_000


def test_names_that_are_long_read_from_the_right_or_are_pictures_break_no_page(filled: Filled, server: Any) -> None:
    run_id = server.run(experiment_id=filled.experiment, run_name=LONG[:450])
    params = [{"key": "p" * 200, "value": LONG[:6000]}]
    server.post("runs/log-batch", run_id=run_id, params=params, tags=[{"key": "t" * 200, "value": LONG[:5000]}])
    server.post("runs/set-tag", run_id=run_id, key="mlflow.note.content", value=LONG)
    for path in (
        f"/runs/{run_id}",
        f"/experiments/{filled.experiment}?kind=all",
        f"/compare?run={run_id}&run={filled.runs['bkt']}",
        f"/experiments/{filled.experiment}/chart",
    ):
        page = filled.page(path)
        assert "\N{GRINNING FACE}" in page, path
    assert len(filled.page(f"/experiments/{filled.experiment}?kind=all")) < 200_000


def test_a_deleted_run_says_so(filled: Filled, server: Any) -> None:
    server.post("runs/delete", run_id=filled.runs["bkt"])
    assert "deleted" in filled.page(f"/runs/{filled.runs['bkt']}")
    assert filled.runs["bkt"] not in filled.page(f"/experiments/{filled.experiment}?kind=all")
    filled.page(f"/compare?run={filled.runs['bkt']}&run={filled.runs['dkt']}")


def test_runs_beside_each_other_show_what_differs_and_no_winner_among_overlapping_intervals(filled: Filled) -> None:
    runs = "&".join(f"run={filled.runs[m]}" for m in ("bkt", "dkt"))
    found = filled.facts(f"/compare.json?{runs}")
    assert [one["name"] for one in found["params"]] == ["model"]
    assert found["same"] >= 2
    by_name = {one["name"]: one for one in found["metrics"]}
    assert [best for _, _, best in by_name["auc"]["cells"]] == [False, True]
    assert by_name["auc"]["verdict"] == "intervals lie apart"
    assert [best for _, _, best in by_name["rmse"]["cells"]] == [False, True]
    assert by_name["rmse"]["verdict"] == "no interval"
    everything = filled.facts(f"/compare.json?{runs}&show=all")
    assert {"evil", "model", "same"} <= {one["name"] for one in everything["params"]}


def test_runs_of_different_rules_are_not_ranked(filled: Filled, server: Any) -> None:
    for model, k in (("bkt", "1"), ("dkt", "2")):
        record = f'{{"folds": {k}}}' if model == "bkt" else "no JSON"
        for key, value in (("attain.protocol_key", k), ("attain.protocol", record)):
            server.post("runs/set-tag", run_id=filled.runs[model], key=key, value=value)
    runs = "&".join(f"run={filled.runs[m]}" for m in ("bkt", "dkt"))
    found = filled.facts(f"/compare.json?{runs}")
    assert "not to be ranked" in found["banner"]
    assert "folds" in found["banner"]


def test_numbers_of_other_signatures_are_not_ranked(filled: Filled, server: Any) -> None:
    for model, version in (("bkt", 1), ("dkt", 2)):
        signed = f'{{"bleu": "v:{version}"}}'
        server.post("runs/set-tag", run_id=filled.runs[model], key="attain.signatures", value=signed)
    runs = "&".join(f"run={filled.runs[m]}" for m in ("bkt", "dkt"))
    assert "behind bleu: those numbers are not to be ranked" in filled.facts(f"/compare.json?{runs}")["banner"]


def test_what_is_not_there_or_too_much_is_said_in_a_sentence(filled: Filled) -> None:
    assert "Not shown" in filled.page("/runs/0123456789abcdef0123456789abcdef", 404)
    assert "Not shown" in filled.page("/experiments/99999", 404)
    assert "at least two runs" in filled.page("/compare", 400)
    many = "&".join(f"run={n}" for n in range(21))
    assert "at most 20" in filled.page(f"/compare?{many}", 400)
    status, found = filled.server.ask("GET", "/runs/nothing.json")
    assert (status, list(found)) == (404, ["message"])


def test_numbers_that_are_none_are_no_zeros(filled: Filled, server: Any) -> None:
    run_id = server.run(experiment_id=filled.experiment, run_name="odd")
    points = [{"key": key, "value": value, "timestamp": 1, "step": 0} for key, value in ODD.items()]
    server.post("runs/log-batch", run_id=run_id, metrics=points)
    page = filled.page(f"/runs/{run_id}")
    assert "∞" in page
    assert "not a number" in page
    (rmse,) = [one for one in filled.facts(f"/runs/{run_id}.json")["measured"] if one["name"] == "rmse"]
    assert rmse["value"] is None
    filled.page(f"/experiments/{filled.experiment}")
    filled.page("/")
    filled.page(f"/compare?run={run_id}&run={filled.runs['bkt']}")


def test_a_file_of_a_suite_that_somebody_else_wrote_breaks_no_page(filled: Filled, server: Any) -> None:
    suite = server.run(
        experiment_id=filled.experiment, run_name="suite", tags=[{"key": "attain.kind", "value": "suite"}]
    )
    folder = f"/api/2.0/mlflow-artifacts/artifacts/{filled.experiment}/{suite}/artifacts"
    for content in (b"[1]", b"no JSON", b'{"auc": 1}', b'{"auc": {"of_model": true, "direction": "up"}}'):
        assert server.raw("PUT", f"{folder}/metrics.json", content)[0] == 200
        filled.page("/")
        filled.page(f"/runs/{filled.runs['bkt']}")
    for content in (b'[{"metric": 1}, 2]', b"{}", b"no JSON"):
        assert server.raw("PUT", f"{folder}/values.json", content)[0] == 200
        filled.page(f"/runs/{suite}")
