"""Alembic's entry: runs on the connection that `migrate.py` hands over.

Belongs here: that one call. Not here: revisions (`versions/`).
"""

from alembic import context

from ohx_pipelines.links.models import LinkRow

context.configure(
    connection=context.config.attributes["connection"], target_metadata=LinkRow.metadata
)
with context.begin_transaction():
    context.run_migrations()
