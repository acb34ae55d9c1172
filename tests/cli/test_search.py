"""amparo search: a table for people, one JSON object for programs."""

import json

import pytest
from click.testing import CliRunner

from cli.search import command
from db.engine import Database
from pipeline.intake import commit_batch
from tests.db.samples import NOW, item, prose, report


@pytest.fixture
def filled(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A report with a copy, and one out of scope, in the configured database."""
    text = "The régimen of [bold]Mariona[/bold]. " + prose("c")
    batch = [
        item(report("https://x.example/1", text, title="Gates [red]closed", published=NOW)),
        item(report("https://x.example/2", text, title="Gates [red]closed")),
        item(report("https://x.example/3", "regimen " + prose("x"), tier="X")),
    ]
    commit_batch(database, batch, NOW)
    monkeypatch.setenv("AMPARO_DATABASE_URL", database_url)
    return database


def search(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_json_gives_the_exported_fields_without_the_text(filled: Database) -> None:
    """One vocabulary for search and export."""
    found = json.loads(search("--json", "regimen"))
    assert (found["total"], found["cursor"]) == (1, None)
    hit = found["reports"][0]
    assert (hit["url"], hit["copies"], hit["published"]) == ("https://x.example/1", 1, "2026-03-01")
    assert "régimen" in hit["snippet"]
    assert "text" not in hit


def test_table_shows_text_as_it_is(filled: Database) -> None:
    """Square brackets in a title are no markup of ours."""
    shown = search("regimen")
    assert "Gates [red]closed" in shown
    assert "[bold]Mariona[/bold]" in shown
    assert "(+1 copies)" in shown
    assert "1 of 1 report(s)" in shown


def test_options_widen_the_search(filled: Database) -> None:
    """Copies and what is out of scope are there for who asks."""
    assert json.loads(search("--json", "--all", "regimen"))["total"] == 2
    assert json.loads(search("--json", "--duplicates", "regimen"))["total"] == 2


def test_pages_and_notes(filled: Database) -> None:
    """A program pages by the cursor, a person reads what was not understood."""
    first = json.loads(search("--json", "--duplicates", "--limit", "1", "regimen"))
    second = json.loads(
        search("--json", "--duplicates", "--limit", "1", "--cursor", first["cursor"], "regimen")
    )
    assert first["reports"][0]["id"] != second["reports"][0]["id"]
    assert "is no date" in search("after:tomorrow")
