"""Who may do what: users, groups, tokens, sessions, grants; and the ledger of what must be answered for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables, all empty."""
    _principals()
    _credentials()
    _grants("experiment_grants", "experiment", "experiments")
    _grants("model_grants", "model", "registered_models")
    op.create_table(
        "failures",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_failures"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_failures_since", "failures", ["since"])
    op.create_table(
        "ledger",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
        sa.UniqueConstraint("previous", name="uq_ledger_previous"),
    )


def _principals() -> None:
    op.create_table(
        "principals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("everywhere", sa.String(10)),
        sa.Column("password", sa.Text),
        sa.Column("subject", sa.String(500)),
        sa.Column("creation_time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_principals"),
        sa.UniqueConstraint("kind", "name", name="uq_principals_kind_name"),
        sa.UniqueConstraint("subject", name="uq_principals_subject"),
    )
    op.create_table(
        "memberships",
        sa.Column("member", NUMBER, nullable=False),
        sa.Column("group", NUMBER, nullable=False),
        sa.Column("from_provider", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("member", "group", name="pk_memberships"),
        _to_principal("memberships", "member"),
        _to_principal("memberships", "group"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_memberships_group", "memberships", ["group"])


def _credentials() -> None:
    op.create_table(
        "tokens",
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("creation_time", sa.BigInteger, nullable=False),
        sa.Column("expiry", sa.BigInteger),
        sa.PrimaryKeyConstraint("prefix", name="pk_tokens"),
        _to_principal("tokens", "user"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tokens_user", "tokens", ["user"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("creation_time", sa.BigInteger, nullable=False),
        sa.Column("expiry", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        _to_principal("sessions", "user"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_index("ix_sessions_expiry", "sessions", ["expiry"])
    op.create_table(
        "pending_sign_ins",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("expiry", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_pending_sign_ins"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pending_sign_ins_expiry", "pending_sign_ins", ["expiry"])


def _grants(name: str, column: str, table: str) -> None:
    op.create_table(
        name,
        sa.Column("principal", NUMBER, nullable=False),
        sa.Column(column, NUMBER, nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("principal", column, name=f"pk_{name}"),
        _to_principal(name, "principal"),
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{name}_{column}", name, [column])


def _to_principal(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["principals.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")
