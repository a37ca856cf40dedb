"""Nothing yet: the number is kept for the store's own changes."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change nothing."""
