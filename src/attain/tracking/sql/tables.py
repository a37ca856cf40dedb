"""The tables as they are now. A change here needs a migration beside it; a test compares the two.

Runs and metric names have small whole numbers as keys, so that a row of `metrics` (by far the longest table) is
narrow. A NaN has its own column, because SQLite would keep it as NULL; its `value` is then 0.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")
"""A key that the database counts up itself."""

experiments = Table(
    "experiments",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(500), nullable=False, unique=True),
    Column("artifact_location", Text, nullable=False),
    Column("lifecycle_stage", String(10), nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
)

experiment_tags = Table(
    "experiment_tags",
    metadata,
    Column("experiment", Number, ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    Column("id", Number, primary_key=True),
    Column("run_id", String(32), nullable=False, unique=True),
    Column("experiment", Number, ForeignKey("experiments.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("status", String(10), nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("lifecycle_stage", String(10), nullable=False),
    Column("deleted_with_experiment", Boolean, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("artifact_uri", Text, nullable=False),
    Column("parent_run_id", String(250)),
    Column("process", String(80)),
    Column("heartbeat", BigInteger),
    Column("deleted_time", BigInteger),
    Index("ix_runs_listed", "experiment", "lifecycle_stage", "start_time", "run_id"),
    Index("ix_runs_parent_run_id", "parent_run_id"),
)


def _run() -> Column[int]:
    return Column("run", Number, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


params = Table(
    "params",
    metadata,
    _run(),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    _run(),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

BEGINNING = 100
"""Characters of a param or tag by which runs are found: PostgreSQL has no room in an index for long texts."""


def beginning(value: ColumnElement[str]) -> ColumnElement[str]:
    """The first characters of a text, as the indexes below have them: the numbers written out and not bound."""
    return func.substr(value, literal_column("1"), literal_column(str(BEGINNING)), type_=Text())


Index("ix_params_found", params.c.key, beginning(params.c.value))
Index("ix_tags_found", tags.c.key, beginning(tags.c.value))

JOB_KEY: ColumnElement[str] = literal_column("'attain.key'")
"""Written out and not bound, so that the planner sees that the index of job keys applies."""

Index(
    "ix_tags_job_key",
    tags.c.value,
    sqlite_where=tags.c.key == JOB_KEY,
    postgresql_where=tags.c.key == JOB_KEY,
)

metric_keys = Table(
    "metric_keys",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", String(250), nullable=False, unique=True),
)

metrics = Table(
    "metrics",
    metadata,
    _run(),
    Column("key", Number, ForeignKey("metric_keys.id"), primary_key=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("step", BigInteger, primary_key=True),
    Column("is_nan", Boolean, primary_key=True),
    Column("value", Double, primary_key=True),
    sqlite_with_rowid=False,
)
"""Every point, in one table however long it gets, ordered by its primary key.

The key begins with the run, so new points go to the few pages of the runs that log now and a history is one stretch of
neighbouring entries; a table 10 times as long costs at most one more level of the tree. That is why there are no
partitions (each question names one run, and would only first have to find its partition) and no BRIN index (it finds
blocks, not rows: it could neither refuse a point that is there already nor give points in order).
`benchmarks/speed/store_size.py` shows it. SQLite keeps the table as the tree of its key: 25 bytes a point.
PostgreSQL keeps rows and tree: 190 bytes a point.
"""

latest_metrics = Table(
    "latest_metrics",
    metadata,
    _run(),
    Column("key", Number, ForeignKey("metric_keys.id"), primary_key=True),
    Column("timestamp", BigInteger, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("is_nan", Boolean, nullable=False),
    Column("value", Double, nullable=False),
    Index("ix_latest_metrics_key_value", "key", "value", "is_nan", "run"),
    sqlite_with_rowid=False,
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", Number, primary_key=True),
    Column("experiment", Number, ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(500), nullable=False),
    Column("digest", String(250), nullable=False),
    Column("source_type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("schema", Text),
    Column("profile", Text),
    UniqueConstraint("experiment", "name", "digest"),
)

inputs = Table(
    "inputs",
    metadata,
    _run(),
    Column("dataset", Number, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

input_tags = Table(
    "input_tags",
    metadata,
    _run(),
    Column("dataset", Number, ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

artifacts = Table(
    "artifacts",
    metadata,
    _run(),
    Column("path", String(500), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

claims = Table(
    "claims",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("run_id", String(32), nullable=False, index=True),
    Column("process", String(80), nullable=False),
    Column("heartbeat", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

logged_models = Table(
    "logged_models",
    metadata,
    Column("id", Number, primary_key=True),
    Column("model_id", String(34), nullable=False, unique=True),
    Column("experiment", Number, ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(500), nullable=False),
    Column("model_type", Text, nullable=False),
    Column("source_run_id", String(250), nullable=False),
    Column("status", String(20), nullable=False),
    Column("lifecycle_stage", String(10), nullable=False),
    Column("artifact_uri", Text, nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
    Index("ix_logged_models_listed", "experiment", "lifecycle_stage", "creation_time", "model_id"),
    Index("ix_logged_models_source_run_id", "source_run_id"),
)


def _logged_model() -> Column[int]:
    return Column("model", Number, ForeignKey("logged_models.id", ondelete="CASCADE"), primary_key=True)


logged_model_params = Table(
    "logged_model_params",
    metadata,
    _logged_model(),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

logged_model_tags = Table(
    "logged_model_tags",
    metadata,
    _logged_model(),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

logged_model_artifacts = Table(
    "logged_model_artifacts",
    metadata,
    _logged_model(),
    Column("path", String(500), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

metric_datasets = Table(
    "metric_datasets",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(500), nullable=False),
    Column("digest", String(250), nullable=False),
    UniqueConstraint("name", "digest"),
)

logged_model_metrics = Table(
    "logged_model_metrics",
    metadata,
    _logged_model(),
    Column("key", Number, ForeignKey("metric_keys.id"), primary_key=True),
    Column("dataset", Number, ForeignKey("metric_datasets.id"), primary_key=True),
    Column("run", Number, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("step", BigInteger, primary_key=True),
    Column("is_nan", Boolean, primary_key=True),
    Column("value", Double, primary_key=True),
    sqlite_with_rowid=False,
)

run_models = Table(
    "run_models",
    metadata,
    _run(),
    Column("is_output", Boolean, primary_key=True),
    Column("model_id", String(250), primary_key=True, index=True),
    Column("step", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

registered_models = Table(
    "registered_models",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(500), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
)


def _registered_model() -> Column[int]:
    return Column("model", Number, ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True)


registered_model_tags = Table(
    "registered_model_tags",
    metadata,
    _registered_model(),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

model_versions = Table(
    "model_versions",
    metadata,
    _registered_model(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("stage", String(10), nullable=False),
    Column("description", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("storage", Text, nullable=False),
    Column("run_id", String(250), nullable=False, index=True),
    Column("run_link", Text, nullable=False),
    Column("model_id", String(250), nullable=False, index=True),
    Column("user_id", Text, nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


def _version(*, primary_key: bool) -> tuple[Column[int], Column[int], ForeignKeyConstraint]:
    return (
        Column("model", Number, primary_key=True),
        Column("version", Integer, primary_key=primary_key, autoincrement=False, nullable=False),
        ForeignKeyConstraint(
            ["model", "version"], ["model_versions.model", "model_versions.version"], ondelete="CASCADE"
        ),
    )


model_version_tags = Table(
    "model_version_tags",
    metadata,
    *_version(primary_key=True),
    Column("key", String(250), primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

model_aliases = Table(
    "model_aliases",
    metadata,
    *_version(primary_key=False),
    Column("alias", String(255), primary_key=True),
    Index("ix_model_aliases_version", "model", "version"),
    sqlite_with_rowid=False,
)

principals = Table(
    "principals",
    metadata,
    Column("id", Number, primary_key=True),
    Column("kind", String(5), nullable=False),
    Column("name", String(250), nullable=False),
    Column("role", String(10), nullable=False),
    Column("everywhere", String(10)),
    Column("password", Text),
    Column("subject", String(500), unique=True),
    Column("creation_time", BigInteger, nullable=False),
    UniqueConstraint("kind", "name", name="uq_principals_kind_name"),
)
"""Users and groups: whoever rights are given to. `everywhere` is the level on every experiment and model."""


def _principal(name: str, *, primary_key: bool = False, index: bool = False) -> Column[int]:
    owner = ForeignKey("principals.id", ondelete="CASCADE")
    return Column(name, Number, owner, primary_key=primary_key, index=index, nullable=False)


memberships = Table(
    "memberships",
    metadata,
    _principal("member", primary_key=True),
    _principal("group", primary_key=True, index=True),
    Column("from_provider", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    Column("prefix", String(16), primary_key=True),
    _principal("user", index=True),
    Column("hash", Text, nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("expiry", BigInteger),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    _principal("user", index=True),
    Column("creation_time", BigInteger, nullable=False),
    Column("expiry", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("next", Text, nullable=False),
    Column("expiry", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

experiment_grants = Table(
    "experiment_grants",
    metadata,
    _principal("principal", primary_key=True),
    Column("experiment", Number, ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("level", String(10), nullable=False),
    sqlite_with_rowid=False,
)

model_grants = Table(
    "model_grants",
    metadata,
    _principal("principal", primary_key=True),
    Column("model", Number, ForeignKey("registered_models.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("level", String(10), nullable=False),
    sqlite_with_rowid=False,
)

failures = Table(
    "failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(50), nullable=False),
    Column("object", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
)
"""`previous` is unique, so that the chain cannot fork whatever the code does."""
