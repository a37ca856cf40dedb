"""Alembic asks this file how to reach the database; the connection (in its transaction) is handed in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
context.run_migrations()
