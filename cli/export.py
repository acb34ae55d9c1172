"""amparo export: write the stored reports to a file."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from cli.context import interactive, settings
from core.errors import InputError

FORMATS = ("jsonl", "csv", "parquet")


@click.command(name="export")
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--query", default="", help="Only what this finds (see amparo search --help).")
@click.option("--relevant", is_flag=True, help="Only tiers A, B and C.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Default: stdout.")
def command(form: str, query: str, relevant: bool, output: Path | None) -> None:
    """Write the stored reports as JSON Lines, CSV or Parquet.

    Every stored report is written, out of scope (tier X) and duplicates included: `tier`,
    `relevant` and `duplicate_of` tell. A file appears under its name only when it is whole.
    """
    from db.engine import open_database
    from db.export import count_reports, export_reports
    from db.query import parse
    from db.upgrade import check_schema

    if form == "parquet" and output is None:
        raise InputError("a Parquet file cannot be written to stdout: say --output FILE")
    asked = parse(query)
    for note in asked.notes:
        click.echo(f"note: {note}", err=True)
    with closing(open_database(settings().database_url)) as database:
        check_schema(database)
        with database.read() as connection:
            total = count_reports(connection, asked, relevant=relevant)
            reports = export_reports(connection, asked, relevant=relevant)
            _write(_watched(reports, total), form, output)
    if output is not None:
        click.echo(f"{total} report(s) written to {output}", err=True)


def _write(reports: Iterable[dict[str, object]], form: str, output: Path | None) -> None:
    from cli.export_formats import write_csv, write_jsonl, write_parquet

    write_text = write_csv if form == "csv" else write_jsonl
    if output is None:
        write_text(reports, sys.stdout)
        return
    with _whole(output) as unfinished:
        if form == "parquet":
            write_parquet(reports, unfinished)
            return
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            write_text(reports, file)


@contextmanager
def _whole(output: Path) -> Iterator[Path]:
    """A file beside `output` that takes its place when the block ends well, and goes if it does not."""
    unfinished = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        yield unfinished
        unfinished.replace(output)
    except OSError as error:
        raise InputError(f"{output}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _watched(reports: Iterable[dict[str, object]], total: int) -> Iterator[dict[str, object]]:
    """The reports, with a progress bar on stderr when a person watches."""
    if not interactive():
        yield from reports
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(reports, "Exporting", total=total, console=Console(file=sys.stderr))
