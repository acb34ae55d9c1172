"""`amparo crawl`: pull new reports from the sources, once."""

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from cli.context import emit, exit_status_of, interactive, settings
from core.errors import MissingSetting, UnknownSource
from core.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from spiders.run import RunResult

COLUMNS = (
    ("listed", ("listed",)),
    ("known", ("known",)),
    ("new", ("new",)),
    ("updated", ("updated",)),
    ("duplicate", ("duplicate",)),
    ("unchanged", ("unchanged",)),
    ("not modified", ("not_modified",)),
    ("quarantined", ("quarantined",)),
    ("failed", ("failed", "blocked", "refused")),
)
"""Column of the table -> the counts of a run that it sums."""
ALWAYS = ("listed", "new")
"""Columns that are shown also when they hold nothing but zeros."""


class Since(click.ParamType[datetime]):
    """A day (2026-05-01), a moment (2026-05-01T12:00Z) or so many days ago (7d)."""

    name = "date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if value.endswith("d") and value[:-1].isdigit():
                return datetime.now(UTC) - timedelta(days=int(value[:-1]))
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r}: expected a day like 2026-05-01, a moment, or 7d", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("crawl")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--since", type=Since(), help="Leave out items listed as older: a day, or 7d.")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most so many new reports in all.")
@click.option("--dry-run", is_flag=True, help="Fetch and judge, but store nothing; say what would be stored.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, then the totals.")
@click.option("--verbose", "-v", is_flag=True, help="Say what happens on the way, on stderr.")
@click.option("--run-id", type=int, hidden=True)
@click.option("--trigger", default="manual", hidden=True)
def command(
    *,
    names: tuple[str, ...],
    since: datetime | None,
    limit: int | None,
    dry_run: bool,
    as_json: bool,
    verbose: bool,
    run_id: int | None,
    trigger: str,
) -> None:
    """Pull new reports from the sources, once. Without SOURCE: from every enabled one.

    Exit status: 0 all is well, 4 some pages or sources failed (or it was interrupted), 5 every
    source failed, 2 wrong use, 3 no database. Running it again is always safe.
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s %(message)s"
    )
    # Scrapy tells at length what our own lines say in short.
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    from sources.catalogue import load_catalogue

    configured = settings()
    catalogue = load_catalogue(configured.extra_sources, given=configured.given)
    chosen = choose(catalogue.sources, names, given=configured.given)
    if run_id is not None and len(chosen) != 1:
        raise click.UsageError("--run-id needs exactly one source")
    if not chosen:
        click.echo("No source is enabled: see `amparo sources list`.", err=True)
        return
    from db.engine import open_database
    from spiders.crawl import run_crawl

    database = open_database(configured.database_url)
    try:
        with _progress(chosen) as progress:
            results = run_crawl(
                chosen,
                database=database,
                settings=configured,
                trigger=trigger,
                limit=limit,
                since=since,
                dry_run=dry_run,
                run_ids={chosen[0].id: run_id} if run_id is not None else None,
                progress=progress,
            )
    finally:
        database.close()
    _report(results, as_json=as_json, dry_run=dry_run)
    raise SystemExit(exit_status(results))


def choose(
    sources: Mapping[str, Source], names: Sequence[str], *, given: Mapping[str, str] | None = None
) -> list[Source]:
    """The named sources, or all enabled ones.

    Raises UnknownSource with the nearest names, and MissingSetting for a source that is named but
    needs a setting that is not among those given.
    """
    from sources.needs import is_missing

    if not names:
        return [source for source in sources.values() if source.enabled]
    for name in names:
        if name not in sources:
            near = difflib.get_close_matches(name, sources, n=3, cutoff=0.5)
            hint = f"; did you mean {', '.join(near)}?" if near else "; `amparo sources list` has them all"
            raise UnknownSource(f"{name!r}{hint}")
    chosen = [sources[name] for name in dict.fromkeys(names)]
    for source in chosen:
        if is_missing(source, given or {}):
            raise MissingSetting(f"Set {source.needs} for {source.id}; its file says how to come by it.")
        if not source.enabled:
            click.echo(f"note: {source.id} is disabled and crawled because you named it", err=True)
    return chosen


def exit_status(results: "Sequence[RunResult]") -> int:
    """0 when every run is ok, 5 when every run failed, 4 otherwise."""
    return exit_status_of(result.status for result in results)


@contextmanager
def _progress(sources: Sequence[Source]) -> "Iterator[Callable[[str, Mapping[str, int]], None] | None]":
    """A bar a source on stderr while a person watches."""
    if not interactive():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[news]} new"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = {source.id: progress.add_task(source.id, total=None, news=0) for source in sources}

        def show(source_id: str, counts: Mapping[str, int]) -> None:
            done = sum(n for name, n in counts.items() if name not in ("listed", "requested", "received"))
            progress.update(
                tasks[source_id],
                total=counts["listed"] or None,
                completed=min(done, counts["listed"]),
                news=counts["new"],
            )

        yield show


def _totals(results: "Sequence[RunResult]") -> dict[str, int]:
    names = dict.fromkeys(name for result in results for name in result.counts)
    return {name: sum(result.counts.get(name, 0) for result in results) for name in names}


def _report(results: "Sequence[RunResult]", *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        for result in results:
            emit(as_object(result))
        emit({"totals": _totals(results), "exit_status": exit_status(results), "dry_run": dry_run})
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Dry run: nothing was stored" if dry_run else None, box=box.SIMPLE_HEAD)
    table.add_column("source", overflow="fold", min_width=12)
    table.add_column("status", no_wrap=True)
    totals = _totals(results)
    shown = [(title, names) for title, names in COLUMNS if title in ALWAYS or any(map(totals.get, names))]
    for title, _ in shown:
        table.add_column(title, justify="right")
    for result in results:
        cells = (str(sum(result.counts.get(name, 0) for name in names)) for _, names in shown)
        table.add_row(result.source_id, result.status, *cells)
    Console().print(table)
    for result in results:
        _explain(result)
    for hint in hints(results, dry_run=dry_run):
        click.echo(hint)


def as_object(result: "RunResult") -> dict[str, object]:
    """A run's result as the public JSON form."""
    return {
        "source": result.source_id,
        "run": result.run_id,
        "status": result.status,
        "reason": result.reason,
        "counts": dict(result.counts),
        "left": result.left,
        "spooled": result.spooled,
        "seconds": result.seconds,
        "problems": list(result.problems),
        "notes": list(result.notes),
        "would_store": [dict(item) for item in result.would_store],
    }


def _explain(result: "RunResult") -> None:
    if result.reason:
        click.echo(f"{result.source_id}: {result.reason}")
    for problem in result.problems[:3]:
        if problem not in result.reason:
            click.echo(f"  {problem}")
    if result.counts.get("robots"):
        click.echo(f"  {result.counts['robots']} not fetched because robots.txt says so")
    if result.left:
        click.echo(f"  {result.left} listed addresses were left for another crawl")
    for item in result.would_store:
        click.echo(f"  would store: {item['title']} <{item['url']}>")


def hints(results: "Sequence[RunResult]", *, dry_run: bool) -> list[str]:
    """What to try next."""
    totals = _totals(results)
    said = []
    if totals.get("new") and not dry_run:
        said.append("Next: amparo search WORDS, or amparo export.")
    if totals.get("quarantined") or totals.get("failed"):
        said.append("Why a page is missing: amparo why-missing URL.")
    failed = [result.source_id for result in results if result.status == "failed"]
    if failed:
        said.append(f"Look at a source: amparo sources show {failed[0]}.")
    return said
