"""The server as a whole: what it answers beside the protocol, and how it refuses."""


def test_a_probe_is_told_that_the_server_lives(server) -> None:
    assert server.raw("GET", "/health") == (200, b"OK")
    assert server.raw("GET", "/version") == (200, b"3.18.0")


def test_a_run_is_logged_and_found(server) -> None:
    run_id = server.run(experiment_id="0", run_name="first", start_time="5")
    server.post("runs/log-batch", run_id=run_id, metrics=[{"key": "auc", "value": 0.7, "timestamp": 1, "step": 2}])
    server.post("runs/update", run_id=run_id, status="FINISHED", end_time=9)
    found = server.post("runs/search", experiment_ids=["0"], filter="metrics.auc > 0.6")["runs"]
    assert [run["info"]["run_name"] for run in found] == ["first"]
    assert found[0]["data"]["metrics"] == [{"key": "auc", "value": 0.7, "timestamp": 1, "step": 2}]
    assert server.get("metrics/get-history", run_id=run_id, metric_key="auc")["metrics"][0]["value"] == 0.7


def test_its_own_address_says_how_the_first_run_gets_there(server) -> None:
    status, text = server.raw("GET", "/")
    assert status == 200
    assert b"MLFLOW_TRACKING_URI" in text
    assert b"/sign-out" not in text  # access is not controlled


def test_what_is_not_there_is_404_and_a_wrong_method_405(server) -> None:
    assert server.ask("GET", "nowhere")[0] == 404
    assert server.ask("GET", "/nowhere")[1]["error_code"] == "ENDPOINT_NOT_FOUND"
    assert server.ask("GET", "runs/create")[0] == 405
    assert server.ask("POST", "/health")[0] == 405


def test_a_client_is_told_what_the_server_can_do(server) -> None:
    for prefix in ("/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/"):
        info = server.get(f"{prefix}server-info")
        assert (info["store_type"], info["artifact_serving_enabled"], info["tracking_auth"]) == (
            "SqlStore",
            True,
            False,
        )
        offered = [name for name, on in info.items() if on is True]
        assert offered == ["artifact_serving_enabled"]
        named = ("multipart_uploads_enabled", "multipart_downloads_enabled", "artifacts_presigned_only")
        assert {*named, "workspaces_enabled", "trace_archival_enabled", "features_enabled"} <= info.keys()
