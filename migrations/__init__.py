"""Alembic revisions: the only way a schema comes to be."""
