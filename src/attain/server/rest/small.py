"""What the client asks before it begins, and the parts of MLflow that are not offered here."""

from typing import Any

VERSION = "3.18.0"
"""The MLflow version that is spoken."""

NOT_OFFERED = {
    "assessments": "Assessments",
    "datasets": "Evaluation data sets",
    "demo": "Demo data",
    "gateway": "The gateway",
    "gateway-proxy": "The gateway",
    "genai": "Evaluation of generated text",
    "get-online-trace-details": "Traces",
    "graphql": "GraphQL",
    "issues": "Issues of traces",
    "jobs": "Jobs",
    "label-schemas": "Label schemas",
    "prompt-optimization": "The optimisation of prompts",
    "review-queues": "Review queues",
    "scorer": "Scorers",
    "scorers": "Scorers",
    "traces": "Traces",
    "unified-traces": "Traces",
    "webhooks": "Webhooks",
    "workspaces": "Workspaces",
}
"""The first part of those paths of MLflow that this server does not have, and what lies there."""


def server_info(*, access: bool) -> dict[str, Any]:  # JSON
    """What the server can do; told to everybody, so nothing about who uses it or where it keeps things."""
    return {
        "store_type": "SqlStore",
        "artifact_serving_enabled": True,
        "artifacts_presigned_only": False,
        "features_enabled": {"gateway": False},
        "multipart_downloads_enabled": False,
        "multipart_uploads_enabled": False,
        "presigned_download_model_id_supported": False,
        "presigned_download_run_id_supported": False,
        "presigned_upload_model_id_supported": False,
        "presigned_upload_run_id_supported": False,
        "trace_archival_enabled": False,
        "tracking_auth": access,
        "workspaces_enabled": False,
    }


def not_offered(path: str) -> str | None:
    """What lies at a path of MLflow's server that this one does not have; None for other paths.

    >>> not_offered("/api/3.0/mlflow/traces/search"), not_offered("/api/2.0/mlflow/runs/get")
    ('Traces', None)
    """
    parts = path.strip("/").split("/")
    if parts[:2] == ["v1", "traces"]:
        return "Traces"
    if parts[0] == "graphql":
        return "GraphQL"
    inside = parts[0] in ("api", "ajax-api") and len(parts) > 3 and parts[2] == "mlflow"
    return NOT_OFFERED.get(parts[3]) if inside else None
