"""`amparo doctor` finds what would not work, and says what to do about it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.checks import FAIL, OK, WARN, check_clock, check_python, check_settings
from cli.checks_data import check_data_dir, check_last_run, check_runs, check_sources, check_spool
from cli.doctor import command
from core.settings import read_settings
from core.source import FeedParams, Kind, PublisherType, Source
from db.engine import open_database
from db.runs import Run, RunStore
from db.sources import SourceStore
from db.upgrade import upgrade

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.MEDIA,
    country="SV",
    languages=("es",),
    kind=Kind.FEED,
    params=FeedParams(urls=("https://vigia.example/feed",)),
    enabled=True,
)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh machine: no database, no setting but the data folder."""
    for name in list(os.environ):
        if name.startswith("AMPARO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def doctor() -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by what they are about."""
    result = CliRunner().invoke(command, ["--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, {line["what"]: line for line in map(json.loads, result.stdout.splitlines())}


def a_run(status: str = "ok", ago: timedelta = timedelta(minutes=5), **fields: Any) -> Run:
    """A run of vigia."""
    return Run(
        id=7, source_id="vigia", trigger="manual", status=status, pid=1, started_at=NOW - ago, **fields
    )


def test_a_fresh_machine_has_nothing_to_repair(environment: Path) -> None:
    """The first thing an operator reads must not be an alarm; and it makes nothing."""
    code, found = doctor()
    assert code == 0
    assert found["AMPARO_CONTACT"]["state"] == WARN
    assert found["schema"]["state"] == WARN
    assert "db upgrade" in found["schema"]["advice"]
    assert found["taxonomy"]["state"] == found["sources"]["state"] == found["libraries"]["state"] == OK
    assert not environment.exists()


def test_the_plain_output_counts_what_is_to_do(environment: Path) -> None:
    """The last line is the summary."""
    result = CliRunner().invoke(command)
    assert result.output.strip().endswith("0 to repair, 3 to look at.")


def test_a_database_that_does_not_answer_fails_and_hides_its_password(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor's output is pasted into issues."""
    url = "postgresql://amparo:geheim@127.0.0.1:1/x?connect_timeout=2&password=auch-geheim"
    monkeypatch.setenv("AMPARO_DATABASE_URL", url)
    result = CliRunner().invoke(command)
    assert result.exit_code == 1
    assert "fail  database" in result.output
    assert "geheim" not in result.output


def test_a_database_address_that_makes_no_sense_fails(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other checks are made all the same."""
    monkeypatch.setenv("AMPARO_DATABASE_URL", "postgresql://h:notaport/x")
    code, found = doctor()
    assert (code, found["database"]["state"], found["taxonomy"]["state"]) == (1, FAIL, OK)


def test_a_setting_that_cannot_be_used_fails(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other command stops with one line; doctor goes on."""
    monkeypatch.setenv("AMPARO_SOURCES", "/no/such/folder")
    code, found = doctor()
    assert code == 1
    assert "/no/such/folder" in found["settings"]["seen"]
    assert found["taxonomy"]["state"] == OK


def test_a_mistyped_setting_is_seen(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AMPARO_CONTCT would be ignored in silence; its value is not repeated."""
    monkeypatch.setenv("AMPARO_CONTCT", "someone@example.org")
    _, found = doctor()
    assert found["AMPARO_CONTCT"]["state"] == WARN
    assert "someone" not in json.dumps(found["AMPARO_CONTCT"])


def test_settings_say_where_they_come_from() -> None:
    """A forgotten variable in a service file is the usual cause of an empty database."""
    environ = {"AMPARO_CONTACT": "team@example.org"}
    found = {one.what: one for one in check_settings(environ, read_settings(environ))}
    assert found["AMPARO_CONTACT"].seen == "team@example.org (from the environment)"
    assert found["AMPARO_DATA_DIR"].seen.endswith("(the default)")


def test_a_broken_source_file_fails_with_its_place(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No crawl starts before it is corrected."""
    own = environment.parent / "own"
    own.mkdir()
    (own / "roto.yaml").write_text("name: Roto\n", encoding="utf-8")
    monkeypatch.setenv("AMPARO_SOURCES", str(own))
    code, found = doctor()
    assert code == 1
    assert "roto.yaml:1" in found["source file"]["seen"]


def test_no_source_that_is_on_is_worth_a_warning() -> None:
    """Otherwise everything looks well and nothing is crawled."""
    [finding] = check_sources({"vigia": replace(SOURCE, enabled=False)}, [])
    assert finding.state == WARN


def test_a_stale_run_is_found(environment: Path) -> None:
    """It says running for ever when nobody looks."""
    gone = subprocess.run(
        [sys.executable, "-S", "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    database = open_database(f"sqlite:///{environment / 'amparo.db'}")
    upgrade(database)
    with database.write() as connection:
        SourceStore(connection).ensure([SOURCE], NOW)
        RunStore(connection).start("vigia", now=NOW, pid=int(gone.stdout), trigger="manual")
    database.close()
    code, found = doctor()
    assert code == 0
    assert found["stale run"]["state"] == WARN
    assert found["schema"]["state"] == OK


def test_last_runs_that_failed_or_are_late_are_worth_a_warning() -> None:
    """Silence is a failure."""
    assert check_last_run(SOURCE, a_run(), NOW).state == OK
    failed = check_last_run(SOURCE, a_run("failed", reason="HTTP 500"), NOW)
    assert failed.state == WARN
    assert "HTTP 500" in failed.seen
    late = check_last_run(SOURCE, a_run(ago=timedelta(hours=4)), NOW)
    assert late.state == WARN
    assert "amparo schedule" in late.advice


def test_sources_never_crawled_are_one_line() -> None:
    """Two hundred lines of 'never' would hide the one that matters."""
    sources = [replace(SOURCE, id=f"s{number}") for number in range(9)]
    [finding] = check_runs(sources, {}, [], NOW)
    assert "9 sources" in finding.seen
    assert "and 4 more" in finding.seen


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), None, FAIL),
        (NOW, NOW + timedelta(days=1), WARN),
        (NOW, NOW - timedelta(days=1), OK),
        (NOW, None, OK),
    ],
)
def test_a_clock_that_cannot_be_right_is_found(now: datetime, newest: datetime | None, state: str) -> None:
    """Small machines without a battery begin in 1970; dates, schedules and TLS then fail oddly."""
    assert check_clock(now, newest).state == state


def test_a_data_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    """The first crawl would fail after it fetched."""
    (tmp_path / "var").write_text("")
    assert next(iter(check_data_dir(tmp_path / "var"))).state == FAIL


def test_spool_leftovers_are_found(tmp_path: Path) -> None:
    """They are pages that are not in the database yet."""
    assert [one.state for one in check_spool(tmp_path)] == [OK]
    (tmp_path / "20260504T120000.000000-1.spool").write_bytes(b"")
    (tmp_path / "old.damaged").write_bytes(b"")
    assert [one.state for one in check_spool(tmp_path)] == [WARN, WARN]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A half-finished installation otherwise ends in a traceback in the middle of a crawl."""
    monkeypatch.setattr("importlib.metadata.requires", lambda _: ["no-such-library>=1", "scrapy>=2"])
    found = {one.what: one for one in check_python()}
    assert found["libraries"].state == FAIL
    assert "no-such-library" in found["libraries"].seen


def test_settings_that_sources_need_are_known_and_their_values_not_shown() -> None:
    """A key that is spelt right must not look like a slip, nor end up in a pasted report."""
    environ = {"AMPARO_COURTLISTENER_TOKEN": "s3cret", "AMPARO_COURTLISTENER_TOKN": "s3cret"}
    needed = {"AMPARO_COURTLISTENER_TOKEN": "courtlistener", "AMPARO_RELIEFWEB_APPNAME": "reliefweb"}
    found = {one.what: one for one in check_settings(environ, read_settings(environ), needed=needed)}
    assert (found["AMPARO_COURTLISTENER_TOKEN"].state, found["AMPARO_COURTLISTENER_TOKEN"].seen) == (
        OK,
        "set",
    )
    assert found["AMPARO_RELIEFWEB_APPNAME"].seen == "not set"
    assert "reliefweb" in found["AMPARO_RELIEFWEB_APPNAME"].advice
    assert found["AMPARO_COURTLISTENER_TOKN"].state == WARN
    assert "s3cret" not in repr(found)
