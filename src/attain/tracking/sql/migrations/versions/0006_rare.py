"""Indexes of the values of params, tags and latest metrics: runs with a rare one are found without the others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the indexes; of texts, their first 100 characters."""
    for table in ("params", "tags"):
        op.create_index(f"ix_{table}_found", table, ["key", sa.text("substr(value, 1, 100)")])
    op.create_index("ix_latest_metrics_key_value", "latest_metrics", ["key", "value", "is_nan", "run"])
