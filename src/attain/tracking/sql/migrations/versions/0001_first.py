"""The first tables: experiments, runs and what belongs to them."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables, and the experiment with id 0."""
    _experiments()
    _runs()
    _labels("params")
    _labels("tags")
    job_key = sa.text("key = 'attain.key'")
    op.create_index("ix_tags_job_key", "tags", ["value"], sqlite_where=job_key, postgresql_where=job_key)
    _metrics()
    _inputs()
    op.create_table(
        "artifacts",
        _run(),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run", "path", name="pk_artifacts"),
        _to_run("artifacts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claims",
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("process", sa.String(80), nullable=False),
        sa.Column("heartbeat", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_claims"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_claims_run_id", "claims", ["run_id"])


def _experiments() -> None:
    table = op.create_table(
        "experiments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("artifact_location", sa.Text, nullable=False),
        sa.Column("lifecycle_stage", sa.String(10), nullable=False),
        sa.Column("creation_time", sa.BigInteger, nullable=False),
        sa.Column("last_update_time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
    )
    now = time.time_ns() // 1_000_000
    default = {
        "id": 0,
        "name": "Default",
        "artifact_location": "mlflow-artifacts:/0",
        "lifecycle_stage": "active",
        "creation_time": now,
        "last_update_time": now,
    }
    op.bulk_insert(table, [default])
    op.create_table(
        "experiment_tags",
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("experiment", "key", name="pk_experiment_tags"),
        _to_experiment("experiment_tags"),
        sqlite_with_rowid=False,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("lifecycle_stage", sa.String(10), nullable=False),
        sa.Column("deleted_with_experiment", sa.Boolean, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("artifact_uri", sa.Text, nullable=False),
        sa.Column("parent_run_id", sa.String(250)),
        sa.Column("process", sa.String(80)),
        sa.Column("heartbeat", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.id"], name="fk_runs_experiment"),
    )
    op.create_index("ix_runs_listed", "runs", ["experiment", "lifecycle_stage", "start_time", "run_id"])
    op.create_index("ix_runs_parent_run_id", "runs", ["parent_run_id"])


def _labels(name: str) -> None:
    op.create_table(
        name,
        _run(),
        sa.Column("key", sa.String(250), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", "key", name=f"pk_{name}"),
        _to_run(name),
        sqlite_with_rowid=False,
    )


def _metrics() -> None:
    op.create_table(
        "metric_keys",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(250), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_metric_keys"),
        sa.UniqueConstraint("key", name="uq_metric_keys_key"),
    )
    for name, key in {
        "metrics": ["run", "key", "timestamp", "step", "is_nan", "value"],
        "latest_metrics": ["run", "key"],
    }.items():
        op.create_table(
            name,
            _run(),
            sa.Column("key", NUMBER, nullable=False),
            sa.Column("timestamp", sa.BigInteger, nullable=False),
            sa.Column("step", sa.BigInteger, nullable=False),
            sa.Column("is_nan", sa.Boolean, nullable=False),
            sa.Column("value", sa.Double, nullable=False),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
            _to_run(name),
            sa.ForeignKeyConstraint(["key"], ["metric_keys.id"], name=f"fk_{name}_key"),
            sqlite_with_rowid=False,
        )


def _inputs() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("experiment", NUMBER, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(250), nullable=False),
        sa.Column("source_type", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("schema", sa.Text),
        sa.Column("profile", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("experiment", "name", "digest", name="uq_datasets_experiment_name_digest"),
        _to_experiment("datasets"),
    )
    for name, columns in {
        "inputs": [],
        "input_tags": [
            sa.Column("key", sa.String(250), nullable=False),
            sa.Column("value", sa.Text, nullable=False),
        ],
    }.items():
        key = ["run", "dataset", *(["key"] if columns else [])]
        op.create_table(
            name,
            _run(),
            sa.Column("dataset", NUMBER, nullable=False),
            *columns,
            sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
            _to_run(name),
            sa.ForeignKeyConstraint(["dataset"], ["datasets.id"], name=f"fk_{name}_dataset", ondelete="CASCADE"),
            sqlite_with_rowid=False,
        )


def _run() -> "sa.Column[int]":
    return sa.Column("run", NUMBER, nullable=False)


def _to_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run"], ["runs.id"], name=f"fk_{table}_run", ondelete="CASCADE")


def _to_experiment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["experiment"], ["experiments.id"], name=f"fk_{table}_experiment", ondelete="CASCADE"
    )
