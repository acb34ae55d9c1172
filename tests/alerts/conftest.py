"""Fixtures of the tests of alerts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database, open_database
from tests.alerts.world import Inbox, World, settings_in, smtp_server


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """A world on each engine."""
    return World(database=database, settings=settings_in(tmp_path))


@pytest.fixture
def small_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """A world on SQLite, for what no engine can change."""
    database = open_database(sqlite_url)
    yield World(database=database, settings=settings_in(tmp_path))
    database.close()


@pytest.fixture
def inbox() -> Inbox:
    """What the SMTP server accepted."""
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    """The port of a real SMTP server on loopback."""
    with smtp_server(inbox) as number:
        yield number
