"""Runs the migrations on the connection that `Store.migrate` hands over, in its transaction."""

from alembic import context

from vestibule.server.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
