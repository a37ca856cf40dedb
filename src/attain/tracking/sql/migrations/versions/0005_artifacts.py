"""Files of logged models, and who has a content: found by its hash before it is collected as garbage."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = "logged_model_artifacts"


def upgrade() -> None:
    """Make the table, and an index of hashes on it and on the files of runs."""
    op.create_table(
        TABLE,
        sa.Column("model", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("model", "path", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(["model"], ["logged_models.id"], name=f"fk_{TABLE}_model", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    for table in ("artifacts", TABLE):
        op.create_index(f"ix_{table}_sha256", table, ["sha256"])
