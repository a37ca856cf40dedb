"""Logged models (what runs make) and the registry (named models with versions)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _logged_models()
    _logged_model_metrics()
    _run_models()
    _registered_models()
    _model_versions()


def _logged_models() -> None:
    op.create_table(
        "logged_models",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("model_id", sa.String(34), nullable=False),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("model_type", sa.Text, nullable=False),
        sa.Column("source_run_id", sa.String(250), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("lifecycle_stage", sa.String(10), nullable=False),
        sa.Column("artifact_uri", sa.Text, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_logged_models"),
        sa.UniqueConstraint("model_id", name="uq_logged_models_model_id"),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name="fk_logged_models_experiment", ondelete="CASCADE"
        ),
    )
    listed = ["experiment", "lifecycle_stage", "creation_time", "model_id"]
    op.create_index("ix_logged_models_listed", "logged_models", listed)
    op.create_index("ix_logged_models_source_run_id", "logged_models", ["source_run_id"])
    _labels("logged_model_params", ["model"], _to("logged_models", "logged_model_params", "model"))
    _labels("logged_model_tags", ["model"], _to("logged_models", "logged_model_tags", "model"))


def _logged_model_metrics() -> None:
    op.create_table(
        "metric_datasets",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(250), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_metric_datasets"),
        sa.UniqueConstraint("name", "digest", name="uq_metric_datasets_name_digest"),
    )
    table, numbers = "logged_model_metrics", ["model", "key", "dataset", "run"]
    op.create_table(
        table,
        *(sa.Column(name, NUMBER, nullable=False) for name in numbers),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("is_nan", sa.Boolean, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint(*numbers, "timestamp", "step", "is_nan", "value", name=f"pk_{table}"),
        _to("logged_models", table, "model"),
        _to("runs", table, "run"),
        sa.ForeignKeyConstraint(["key"], ["metric_keys.id"], name=f"fk_{table}_key"),
        sa.ForeignKeyConstraint(["dataset"], ["metric_datasets.id"], name=f"fk_{table}_dataset"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logged_model_metrics_run", table, ["run"])


def _run_models() -> None:
    op.create_table(
        "run_models",
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("is_output", sa.Boolean, nullable=False),
        sa.Column("model_id", sa.String(250), nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run", "is_output", "model_id", name="pk_run_models"),
        _to("runs", "run_models", "run"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_models_model_id", "run_models", ["model_id"])


def _registered_models() -> None:
    op.create_table(
        "registered_models",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_registered_models"),
        sa.UniqueConstraint("name", name="uq_registered_models_name"),
    )
    _labels("registered_model_tags", ["model"], _to("registered_models", "registered_model_tags", "model"))


def _model_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("model", NUMBER, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("storage", sa.Text, nullable=False),
        sa.Column("run_id", sa.String(250), nullable=False),
        sa.Column("run_link", sa.Text, nullable=False),
        sa.Column("model_id", sa.String(250), nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("model", "version", name="pk_model_versions"),
        _to("registered_models", "model_versions", "model"),
        sqlite_with_rowid=False,
    )
    for column in ("run_id", "model_id"):
        op.create_index(f"ix_model_versions_{column}", "model_versions", [column])
    _labels("model_version_tags", ["model", "version"], _to_version("model_version_tags"))
    op.create_table(
        "model_aliases",
        sa.Column("model", NUMBER, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("alias", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("model", "alias", name="pk_model_aliases"),
        _to_version("model_aliases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_model_aliases_version", "model_aliases", ["model", "version"])


def _labels(name: str, owner: list[str], owned: sa.ForeignKeyConstraint) -> None:
    op.create_table(
        name,
        *(sa.Column(part, NUMBER if part == "model" else sa.Integer, nullable=False) for part in owner),
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*owner, "key", name=f"pk_{name}"),
        owned,
        sqlite_with_rowid=False,
    )


def _times() -> "tuple[sa.Column[int], sa.Column[int]]":
    return (
        sa.Column("creation_time", sa.BigInteger, nullable=False),
        sa.Column("last_update_time", sa.BigInteger, nullable=False),
    )


def _to(target: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _to_version(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["model", "version"],
        ["model_versions.model", "model_versions.version"],
        name=f"fk_{table}_model_version",
        ondelete="CASCADE",
    )
