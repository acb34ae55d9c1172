"""`amparo sources`: list, show and check the source files."""

import dataclasses
import difflib
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.context import emit, settings
from cli.sources_new import new, record_
from core.errors import AmparoError, UnknownSource
from core.source import Source

if TYPE_CHECKING:
    from db.runs import Run

WRONG = 2
SOME_FAIL = 4
PLAIN_WIDTH = 160
"""Columns of the table when its reader is a pipe or a file."""


@click.group("sources")
def command() -> None:
    """List, show, check and make source files: the packaged ones and those of AMPARO_SOURCES."""


command.add_command(new)
command.add_command(record_)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, one a line.")
@click.option("--enabled", is_flag=True, help="Only the sources that are crawled.")
def list_(as_json: bool, enabled: bool) -> None:
    """List the sources, with the last run of each when there is a database."""
    from sources.catalogue import load_catalogue

    current = settings()
    catalogue = load_catalogue(current.extra_sources, given=current.given)
    runs = _last_runs(current.database_url)
    shown = [source for source in catalogue.sources.values() if source.enabled or not enabled]
    if as_json:
        for source in shown:
            emit(_summary(source, runs.get(source.id)))
        return
    _print_table(shown, runs)
    on = sum(source.enabled for source in shown)
    for source in shown:
        if source.needs and not current.given.get(source.needs):
            click.echo(f"{source.id} is off until {source.needs} is set")
    click.echo(f"{len(shown)} sources, {on} of them on. One in full: amparo sources show ID")


@command.command("show")
@click.argument("source_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(source_id: str, as_json: bool) -> None:
    """Show everything known of one source."""
    from sources.catalogue import load_catalogue

    current = settings()
    sources = load_catalogue(current.extra_sources).sources
    if source_id not in sources:
        close = difflib.get_close_matches(source_id, list(sources), n=1)
        hint = f" Did you mean {close[0]}?" if close else " `amparo sources list` shows them all."
        raise UnknownSource(f"{source_id!r}.{hint}")
    source = sources[source_id]
    last = _run(_last_runs(current.database_url).get(source.id))
    described = {"type" if key == "publisher_type" else key: value for key, value in _plain(source).items()}
    described["last_run"] = last
    if as_json:
        emit(described)
        return
    for line in _lines(described):
        click.echo(line)


@command.command("check")
@click.argument("names", metavar="[PATH|NAME]...", nargs=-1)
@click.option("--live", is_flag=True, help="Ask the named sources, politely, and say what came.")
@click.option("--all", "every", is_flag=True, help="With --live: every source, also those that are off.")
@click.option(
    "--turn-on",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --live: write a file into FOLDER for each packaged source that works and is off.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a problem, or a source with --live.")
def check(names: tuple[str, ...], *, live: bool, every: bool, turn_on: Path | None, as_json: bool) -> None:
    """Check source files without any network: the given files and folders, or all that are in use.

    Each problem is one line, `file:line: key: what is wrong`. Exit status 2 when there is one.

    With --live: ask sources by their names, two pages of each at most, and store nothing. Each
    verdict is kept in source-checks.json in the data folder. Exit status 4 when one does not work.
    """
    if live:
        _check_live(names, every=every, turn_on=turn_on, as_json=as_json)
        return
    if every or turn_on:
        raise click.UsageError("--all and --turn-on need --live")
    _check_files(tuple(map(Path, names)), as_json=as_json)


def _check_files(paths: tuple[Path, ...], *, as_json: bool) -> None:
    from sources.catalogue import check_catalogue

    sources, problems = check_catalogue(paths or settings().extra_sources)
    if paths:
        named = tuple(str(path.resolve()) for path in paths)
        sources = {one: source for one, source in sources.items() if _is_below(source.file, named)}
    for problem in problems:
        if as_json:
            emit(dataclasses.asdict(problem))
        else:
            click.echo(str(problem))
    if problems:
        count = len({problem.file for problem in problems})
        click.echo(f"{len(problems)} problems in {count} files", err=True)
        sys.exit(WRONG)
    if not as_json:
        click.echo(f"{len(sources)} source files are in order")


def _check_live(names: tuple[str, ...], *, every: bool, turn_on: Path | None, as_json: bool) -> None:
    from cli.crawl import choose
    from cli.sources_live import keep, show
    from cli.sources_live import turn_on as write_files
    from sources.catalogue import PACKAGED, load_catalogue
    from sources.needs import is_missing
    from spiders.live import WORKS, check_live

    if every == bool(names):
        raise click.UsageError("--live needs the names of sources, or --all")
    current = settings()
    sources = load_catalogue(current.extra_sources, given=current.given).sources
    chosen = choose(sources, names, given=current.given) if names else list(sources.values())
    ready = [source for source in chosen if not is_missing(source, current.given)]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    verdicts = check_live(ready, settings=current, day=today)
    for verdict in verdicts if as_json else ():
        emit(verdict.as_object())
    if not as_json:
        show(verdicts)
    path = keep(verdicts, current.data_dir)
    working = {verdict.source for verdict in verdicts if verdict.verdict == WORKS}
    click.echo(f"{len(working)} of {len(verdicts)} sources work; kept in {path}", err=True)
    off = [
        source
        for source in ready
        if source.id in working and not source.enabled and Path(source.file).is_relative_to(PACKAGED)
    ]
    if turn_on:
        written = write_files(off, turn_on, today)
        click.echo(f"{len(written)} files written into {turn_on}; name it in AMPARO_SOURCES", err=True)
    elif off:
        ids = ", ".join(source.id for source in off[:10])
        click.echo(f"off, and working: {ids}; --turn-on FOLDER writes files that turn them on", err=True)
    if len(working) < len(verdicts):
        sys.exit(SOME_FAIL)


@command.command("coverage")
def coverage() -> None:
    """Print the coverage page: which packaged sources there are, how sure they are, and what is missing.

    `amparo sources coverage > docs/reference/coverage.md` renews the page of the documentation.
    """
    from sources.catalogue import load_catalogue
    from sources.coverage import coverage_page, load_gaps

    click.echo(coverage_page(load_catalogue().sources.values(), load_gaps()), nl=False)


def _is_below(file: str, roots: tuple[str, ...]) -> bool:
    resolved = str(Path(file).resolve())
    return any(resolved == root or resolved.startswith(f"{root}/") for root in roots)


def _last_runs(database_url: str) -> Mapping[str, "Run"]:
    """The newest run of each source; nothing when there is no database that answers."""
    from db.engine import open_database
    from db.runs import RunStore
    from db.upgrade import check_schema

    if database_url.startswith("sqlite:///") and not Path(database_url.removeprefix("sqlite:///")).exists():
        return {}
    try:
        database = open_database(database_url)
        try:
            check_schema(database)
            with database.read() as connection:
                return RunStore(connection).latest()
        finally:
            database.close()
    except AmparoError as error:
        click.echo(f"amparo: the last runs are not shown: {error}", err=True)
        return {}


def _run(run: "Run | None") -> dict[str, Any] | None:
    if run is None:
        return None
    counts = dict(run.counts)
    started = run.started_at.isoformat()
    return {"status": run.status, "started_at": started, "reason": run.reason, "counts": counts}


def _summary(source: Source, run: "Run | None") -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "type": source.publisher_type.value,
        "country": source.country,
        "languages": list(source.languages),
        "kind": source.kind.value,
        "status": source.status.value,
        "enabled": source.enabled,
        "needs": source.needs,
        "file": source.file,
        "last_run": _run(run),
    }


def _print_table(sources: list[Source], runs: Mapping[str, "Run"]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "type", "country", "languages", "kind", "status", "on", "last run"):
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    for source in sources:
        run = runs.get(source.id)
        table.add_row(
            source.id,
            source.name,
            source.publisher_type.value,
            source.country,
            ",".join(source.languages),
            source.kind.value,
            source.status.value,
            "yes" if source.enabled else "no",
            f"{run.started_at:%Y-%m-%d %H:%M} {run.status}" if run else "-",
        )
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, markup=False, highlight=False).print(table)


def _plain(value: Any) -> Any:
    """A frozen value as plain JSON values, without what is empty."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: inner for name, inner in members.items() if inner not in (None, "", [], {})}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _lines(described: Mapping[str, Any], indent: str = "") -> list[str]:
    lines: list[str] = []
    for name, value in described.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and any(len(str(one)) > 12 for one in value):
            lines += [f"{indent}{name}:", *(f"{indent}  - {one}" for one in value)]
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: {', '.join(map(str, value))}")
        elif value is not None:
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            first, *rest = shown.splitlines() or [""]
            lines += [f"{indent}{name}: {first}", *(f"{indent}  {line}" for line in rest)]
    return lines
