"""`amparo crawl`: which sources, what it prints, how it exits."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import spiders.crawl
from cli.crawl import Since, command, exit_status, hints
from core.errors import SettingsError, UnknownSource
from spiders.run import RunResult

SOURCE = """\
id: {id}
name: Test
type: ngo
country: SV
languages: [es]
feed:
  url: http://127.0.0.1:9/{id}.xml
status: verified
checked: 2026-11-01
enabled: {enabled}
allow_private_network: true
licence: Test.
"""


def ended(status: str = "ok", source_id: str = "test-one", **given: Any) -> RunResult:
    counts = {"listed": 3, "new": 2, "known": 1}
    return RunResult(source_id=source_id, run_id=7, status=status, **{"counts": counts, **given})


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command on two test sources; the crawl itself is replaced by its result."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, enabled in (("test-one", "true"), ("test-two", "false")):
        (folder / f"{name}.yaml").write_text(SOURCE.format(id=name, enabled=enabled), encoding="utf-8")
    asked: dict[str, Any] = {}

    def run(*arguments: str, results: Sequence[RunResult] = (ended(),)) -> Result:
        def fake(sources: Any, **given: Any) -> list[RunResult]:
            asked.update(given, sources=[source.id for source in sources])
            return list(results)

        monkeypatch.setattr(spiders.crawl, "run_crawl", fake)
        env = {"AMPARO_SOURCES": str(folder), "AMPARO_DATA_DIR": str(tmp_path), "COLUMNS": "120"}
        done = CliRunner().invoke(command, list(arguments), env=env)
        done.asked = asked  # type: ignore[attr-defined]
        return done

    return run


def test_named_source_is_crawled_and_no_other(crawl: Any) -> None:
    """The name on the command line is all that counts."""
    assert crawl("test-one").asked["sources"] == ["test-one"]


def test_disabled_source_that_is_named_is_crawled_with_a_notice(crawl: Any) -> None:
    """Trying a source out comes before enabling it."""
    done = crawl("test-two")
    assert done.asked["sources"] == ["test-two"]
    assert "test-two is disabled" in done.stderr


def test_without_a_name_every_enabled_source_is_crawled(crawl: Any) -> None:
    """The daily command needs no list."""
    sources = crawl().asked["sources"]
    assert "test-one" in sources
    assert "test-two" not in sources


def test_unknown_source_is_met_with_the_nearest_names(crawl: Any) -> None:
    """A typing error should cost one look."""
    done = crawl("test-onee")
    assert isinstance(done.exception, UnknownSource)
    assert "test-one" in str(done.exception)
    assert done.exception.exit_code == 2


def test_options_reach_the_crawl(crawl: Any) -> None:
    """The scheduler's hidden options too."""
    asked = crawl("test-one", "--limit", "5", "--dry-run", "--run-id", "9", "--trigger", "schedule").asked
    assert (asked["limit"], asked["dry_run"], asked["run_ids"]) == (5, True, {"test-one": 9})
    assert asked["trigger"] == "schedule"


def test_run_number_without_its_source_is_a_usage_error(crawl: Any) -> None:
    """A run belongs to one source."""
    assert crawl("--run-id", "9").exit_code == 2


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("ok",), 0),
        (("ok", "ok"), 0),
        (("ok", "partial"), 4),
        (("ok", "failed"), 4),
        (("interrupted",), 4),
        (("failed", "failed"), 5),
    ],
)
def test_exit_status_tells_ok_partial_and_failed_apart(statuses: tuple[str, ...], expected: int) -> None:
    """A script that calls the command must be able to react."""
    assert exit_status([ended(status) for status in statuses]) == expected


def test_json_is_an_object_a_source_and_the_totals(crawl: Any) -> None:
    """The public contract of docs/reference/crawling.md."""
    done = crawl("test-one", "--json", results=[ended("failed", reason="listed 0, expected at least 1")])
    first, totals = map(json.loads, done.stdout.splitlines())
    assert (first["source"], first["run"], first["status"]) == ("test-one", 7, "failed")
    assert first["reason"] == "listed 0, expected at least 1"
    assert totals["totals"]["new"] == 2
    assert totals["exit_status"] == done.exit_code == 5


def test_table_says_what_happened_and_what_to_try_next(crawl: Any) -> None:
    """A person reads it once a day."""
    done = crawl(
        "test-one", results=[ended("partial", reason="1 not fetched", problems=("x: HTTP 500",), left=4)]
    )
    for said in ("test-one", "partial", "1 not fetched", "HTTP 500", "4 listed addresses", "amparo search"):
        assert said in done.stdout
    assert done.exit_code == 4


def test_dry_run_lists_what_would_be_stored(crawl: Any) -> None:
    """That is what it is for."""
    item = {"url": "https://a.example/1", "title": "Un título", "tier": "A"}
    done = crawl("test-one", "--dry-run", results=[ended(would_store=(item,))])
    assert "nothing was stored" in done.stdout
    assert "would store: Un título <https://a.example/1>" in done.stdout


def test_failed_source_gets_a_hint(crawl: Any) -> None:
    """The next command is named with the source in it; `sources check` takes files."""
    assert any("amparo sources show test-one" in hint for hint in hints([ended("failed")], dry_run=False))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-05-01T12:00Z", datetime(2026, 5, 1, 12, tzinfo=UTC)),
    ],
)
def test_since_is_a_day_or_a_moment(written: str, expected: datetime) -> None:
    """Without a zone it is UTC."""
    assert Since().convert(written, None, None) == expected


def test_since_is_so_many_days_ago() -> None:
    """The form one types most."""
    before = datetime.now(UTC)
    since = Since().convert("7d", None, None)
    assert before <= since + timedelta(days=7) <= datetime.now(UTC)


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", "d", "999999999999d"])
def test_since_that_cannot_be_read_is_a_usage_error(written: str) -> None:
    """With an example of what can."""
    with pytest.raises(click.BadParameter, match="7d"):
        Since().convert(written, None, None)


def test_missing_contact_is_named(tmp_path: Path) -> None:
    """The setting that every operator forgets once."""
    done = CliRunner().invoke(command, ["hrw"], env={"AMPARO_CONTACT": "", "AMPARO_DATA_DIR": str(tmp_path)})
    assert isinstance(done.exception, SettingsError)
    assert "AMPARO_CONTACT" in str(done.exception)
