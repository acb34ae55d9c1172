"""amparo db: create, check, measure."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from cli.db import DatabaseInconsistent, command
from core.errors import SchemaOutdated
from db.engine import Database
from db.upgrade import HEAD
from pipeline.intake import commit_batch
from tests.db.samples import NOW, item, prose, report


@pytest.fixture(autouse=True)
def configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMPARO_DATABASE_URL", database_url)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_upgrade_says_where_it_is(database: Database) -> None:
    """Safe to repeat."""
    assert json.loads(run("upgrade", "--json"))["revision"] == HEAD
    assert f"revision {HEAD}" in run("upgrade")


def test_stats_count_what_is_stored(database: Database) -> None:
    """An operator sees at a glance whether anything arrives."""
    commit_batch(database, [item(report("https://x.example/1", prose("c")))], NOW)
    found = json.loads(run("stats", "--json"))
    assert (found["report"], found["tier A"], found["duplicates"]) == (1, 1, 0)
    assert found["last report"] == "2026-03-01T12:00:00+00:00"
    assert found["bytes"] > 0
    assert "report_version" in run("stats")


def test_check_finds_nothing_in_a_sound_database(database: Database) -> None:
    """Every batch leaves the tables in agreement."""
    batch = [item(report(f"https://x.example/{n}", prose("c"))) for n in range(3)]
    commit_batch(database, batch, NOW)
    assert json.loads(run("check", "--json"))["problems"] == []
    assert "no problem found" in run("check")


def test_check_names_what_contradicts_itself(database: Database) -> None:
    """The exit status tells a script."""
    commit_batch(database, [item(report("https://x.example/1", prose("c")))], NOW)
    with database.write() as connection:
        connection.execute(text("DELETE FROM report_version"))
        connection.execute(text("DELETE FROM fingerprint"))
    with pytest.raises(DatabaseInconsistent, match="2 problem"):
        run("check")


def test_older_schema_is_refused(database: Database) -> None:
    """A program of another version must not write."""
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutdated, match=rf"revision 0000.*needs {HEAD}"):
        run("stats")


def test_password_is_not_shown(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output is pasted into tickets."""
    if database.path is None:
        url = database.engine.url.set(password="geheim").render_as_string(hide_password=False)
        monkeypatch.setenv("AMPARO_DATABASE_URL", url)
        assert "geheim" not in run("stats")
