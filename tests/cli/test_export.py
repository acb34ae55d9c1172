"""amparo export: the public columns, in three forms, whole or not at all."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from cli.export import command
from cli.export_formats import write_csv
from core.dates import Precision
from core.errors import InputError, SchemaOutdated
from db.engine import Database
from db.export import COLUMNS, PAGE, written_date
from pipeline.intake import commit_batch
from tests.db.samples import NOW, item, prose, report


@pytest.fixture
def filled(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A relevant report, its copy, and one out of scope, in the configured database."""
    text = "=HYPERLINK() ñandú\nsecond line, " + prose("c")
    commit_batch(
        database,
        [
            item(report("https://x.example/1", text, title="=1+1", published=NOW.replace(hour=0))),
            item(report("https://x.example/2", text, title="Copy", published=NOW, precision=Precision.MONTH)),
            item(report("https://x.example/3", prose("x"), title="Football", tier="X", tags=())),
        ],
        NOW,
    )
    monkeypatch.setenv("AMPARO_DATABASE_URL", database_url)
    return database


def export(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_jsonl_has_every_report_with_every_column(filled: Database) -> None:
    """Researchers cite what is exported; the tier tells what is out of scope."""
    first, second, third = map(json.loads, export().splitlines())
    assert tuple(first) == COLUMNS
    assert (first["url"], first["source"], first["lang"], first["tier"]) == (
        "https://x.example/1",
        "vigia",
        "en",
        "A",
    )
    assert (first["published"], first["published_precision"], first["published_origin"]) == (
        "2026-03-01",
        "day",
        "jsonld",
    )
    assert (second["published"], second["duplicate_of"]) == ("2026-03", first["id"])
    assert first["tags"] == ["prison-conditions"]
    assert first["tag_spans"] == {"prison-conditions": [[0, 3, "text"], [600, 610, "text"]]}
    assert first["authors"] == ["Ana Ficticia"]
    assert first["sides"] == ["sv"]
    assert first["first_seen"] == "2026-03-01T12:00:00+00:00"
    assert (third["tier"], third["relevant"], third["tags"], third["published"]) == ("X", False, [], None)


def test_export_can_be_narrowed(filled: Database) -> None:
    """By a query, and to what reaches people."""
    assert len(export("--relevant").splitlines()) == 2
    assert json.loads(export("--query", "football"))["title"] == "Football"
    assert json.loads(export("--query", "tier:X"))["title"] == "Football"


def test_csv_is_safe_in_a_spreadsheet_and_reads_back(filled: Database, tmp_path: Path) -> None:
    """A title that is a formula must not run on the desk of the person who opens the file."""
    file = tmp_path / "out.csv"
    export("--format", "csv", "--output", str(file))
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["title"] for row in rows] == ["'=1+1", "Copy", "Football"]
    assert rows[0]["text"].startswith("'=HYPERLINK() ñandú\nsecond line")
    assert json.loads(rows[0]["tags"]) == ["prison-conditions"]
    assert rows[0]["published"] == "2026-03-01"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_like_a_formula(start: str, tmp_path: Path) -> None:
    """Every character that starts a formula in a common spreadsheet."""
    file = tmp_path / "out.csv"
    with file.open("w", newline="") as stream:
        write_csv([dict.fromkeys(COLUMNS) | {"title": f"{start}1"}], stream)
    with file.open(newline="") as stream:
        assert next(csv.DictReader(stream))["title"] == f"'{start}1"


def test_parquet_keeps_lists_and_numbers(filled: Database, tmp_path: Path) -> None:
    """For those who count in a notebook."""
    file = tmp_path / "out.parquet"
    export("--format", "parquet", "-o", str(file))
    rows = pq.read_table(file).to_pylist()
    assert [row["duplicate_of"] for row in rows] == [None, 1, None]
    assert rows[0]["tags"] == ["prison-conditions"]
    assert tuple(rows[0]) == COLUMNS


def test_parquet_to_stdout_is_refused(filled: Database) -> None:
    """It is no stream."""
    with pytest.raises(InputError, match="--output"):
        export("--format", "parquet")


def test_failed_export_leaves_the_earlier_file(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an export must not stand under the name of a whole one."""
    file = tmp_path / "out.jsonl"
    file.write_text("earlier")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cli.export_formats.write_jsonl", broken)
    with pytest.raises(ZeroDivisionError):
        export("-o", str(file))
    assert file.read_text() == "earlier"
    assert list(tmp_path.glob(".*.part")) == []


def test_folder_that_is_missing_is_named(filled: Database, tmp_path: Path) -> None:
    """A typing error is no traceback."""
    with pytest.raises(InputError, match=r"nowhere.*No such file"):
        export("-o", str(tmp_path / "nowhere" / "out.jsonl"))


def test_export_reads_page_by_page(filled: Database) -> None:
    """More reports than are held at once come out once each."""
    batch = [item(report(f"https://x.example/n{n}", f"short {n}", tags=())) for n in range(PAGE + 5)]
    commit_batch(filled, batch, NOW)
    urls = [json.loads(line)["url"] for line in export().splitlines()]
    assert len(urls) == len(set(urls)) == PAGE + 8


def test_absent_database_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not an empty file that looks like an empty database."""
    monkeypatch.setenv("AMPARO_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(SchemaOutdated, match="amparo db upgrade"):
        export()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("precision", "written"),
    [
        ("second", "2026-03-01T12:00:00+00:00"),
        ("day", "2026-03-01"),
        ("month", "2026-03"),
        ("year", "2026"),
    ],
)
def test_date_says_no_more_than_its_publisher(precision: str, written: str) -> None:
    """A month is not the first of the month."""
    assert written_date(NOW, precision) == written


def test_every_column_is_documented() -> None:
    """The columns are a public contract."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "export.md"
    written = page.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in written] == []
