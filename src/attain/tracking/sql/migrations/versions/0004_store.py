"""When a run was deleted, two indexes for removing it, and PostgreSQL's upkeep of tables that change or grow much."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

STORAGE = {
    "runs": "fillfactor = 80",
    "latest_metrics": "fillfactor = 70",
    "claims": "fillfactor = 70",
    "metrics": "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02",
}
"""Heartbeats and latest values are rewritten all the time, on their page if it has room. Rows of `metrics` never
change; a vacuum after every 2 % of new ones (not 20 %) freezes them and marks their pages as visible to all, which
lets a history be read from the index alone."""


def upgrade() -> None:
    """Say of runs that are deleted already that they were so today."""
    op.add_column("runs", sa.Column("deleted_time", sa.BigInteger))
    now = time.time_ns() // 1_000_000
    op.execute(sa.text(f"UPDATE runs SET deleted_time = {now} WHERE lifecycle_stage = 'deleted'"))
    for table in ("inputs", "input_tags"):
        op.create_index(f"ix_{table}_dataset", table, ["dataset"])
    if op.get_context().dialect.name == "postgresql":
        for table, settings in STORAGE.items():
            op.execute(sa.text(f"ALTER TABLE {table} SET ({settings})"))
