"""Alembic's environment: `load` passes the connection to the fresh release file."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from app import tables  # noqa: F401  (fills the metadata)


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        # The full-text table of search and its own tables are no models.
        include_name=lambda name, *_: not str(name).startswith("search_"),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # `alembic` from a shell, to write a new migration: see CONTRIBUTING.md
    with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as own:
        run(own)
