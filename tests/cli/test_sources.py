"""`amparo sources` as an operator uses it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.crawl import command as crawl
from cli.sources import command
from core.errors import MissingSetting, SourceFileError, UnknownSource

GOOD = "name: Vigía\ntype: media\ncountry: SV\nlanguages: [es]\nfeed: {url: https://vigia.example/feed}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's folder of source files, and no database."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("AMPARO_SOURCES", str(own))
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("AMPARO_DATABASE_URL", raising=False)
    return own


def run(*arguments: str) -> Result:
    """The result of `amparo sources …`."""
    return CliRunner().invoke(command, arguments)


def test_sources_list_shows_own_and_packaged_sources_without_a_database(folder: Path) -> None:
    """Listing works on a fresh machine, and makes no database."""
    (folder / "vigia.yaml").write_text(GOOD, encoding="utf-8")
    result = run("list")
    assert result.exit_code == 0, result.output
    assert "vigia " in result.output
    assert "federal-register" in result.output
    assert not (folder.parent / "var").exists()


def test_sources_list_json_is_one_object_a_line(folder: Path) -> None:
    """Other programs read it."""
    (folder / "vigia.yaml").write_text(GOOD, encoding="utf-8")
    lines = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    vigia = next(line for line in lines if line["id"] == "vigia")
    assert vigia["kind"] == "feed"
    assert vigia["enabled"] is True
    assert vigia["last_run"] is None


def test_sources_list_fails_on_a_broken_own_file(folder: Path) -> None:
    """A broken file must be seen before the crawl, not missed in it."""
    (folder / "roto.yaml").write_text(GOOD + "colour: red\n", encoding="utf-8")
    result = run("list")
    assert isinstance(result.exception, SourceFileError)
    assert "roto.yaml:6: colour:" in str(result.exception)


def test_sources_show_tells_everything_or_suggests_a_name(folder: Path) -> None:
    """One mistyped letter should not need a second command."""
    shown = json.loads(run("show", "federal-register", "--json").stdout)
    assert shown["params"]["paging"]["path"] == "next_page_url"
    assert "conditions[agencies][]" in run("show", "federal-register").output
    assert isinstance(run("show", "federal-registre").exception, UnknownSource)
    assert "Did you mean federal-register?" in str(run("show", "federal-registre").exception)


def test_sources_check_prints_each_problem_and_ends_with_two(folder: Path) -> None:
    """It stands in a commit hook of people who keep sources."""
    path = folder / "roto.yaml"
    path.write_text(GOOD.replace("media", "radio") + "enabled: si\n", encoding="utf-8")
    result = run("check", str(path))
    assert result.exit_code == 2
    assert f"{path}:2: type: expected one of" in result.stdout
    assert f"{path}:6: enabled: expected true or false" in result.stdout
    assert "2 problems in 1 files" in result.stderr


def test_sources_check_of_good_files_says_how_many(folder: Path) -> None:
    """Silence would not tell whether the folder was read at all."""
    (folder / "vigia.yaml").write_text(GOOD, encoding="utf-8")
    result = run("check", str(folder))
    assert (result.exit_code, result.stdout) == (0, "1 source files are in order\n")


def test_sources_list_says_which_source_waits_for_a_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wonders why a source is silent must read why, and never the key itself."""
    monkeypatch.delenv("AMPARO_RELIEFWEB_APPNAME", raising=False)
    assert "reliefweb is off until AMPARO_RELIEFWEB_APPNAME is set" in run("list").output
    monkeypatch.setenv("AMPARO_RELIEFWEB_APPNAME", "vigia-s3cret")
    assert "reliefweb is off" not in run("list").output
    reliefweb = next(
        line
        for line in map(json.loads, run("list", "--json").stdout.splitlines())
        if line["id"] == "reliefweb"
    )
    assert (reliefweb["enabled"], reliefweb["needs"]) == (True, "AMPARO_RELIEFWEB_APPNAME")
    assert "s3cret" not in run("show", "reliefweb").output


def test_crawling_a_source_by_name_without_its_setting_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking without a name would be refused by the other side in words nobody understands."""
    monkeypatch.delenv("AMPARO_RELIEFWEB_APPNAME", raising=False)
    result = CliRunner().invoke(crawl, ["reliefweb"])
    assert isinstance(result.exception, MissingSetting)
    assert "Set AMPARO_RELIEFWEB_APPNAME for reliefweb" in str(result.exception)
