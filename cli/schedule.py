"""`amparo schedule`: run the crawls on their schedule until stopped."""

import logging
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.context import emit, exit_status_of, settings
from core.contact import require_contact
from core.errors import SchemaOutdated
from core.settings import Settings
from core.source import Source

if TYPE_CHECKING:
    from spiders.timetable import Planned


@click.command("schedule")
@click.option("--once", is_flag=True, help="Start everything that is due now, wait for it, and exit.")
@click.option("--list", "--dry-run", "listing", is_flag=True, help="Only show when each source starts next.")
@click.option(
    "--concurrency", type=click.IntRange(1, 32), default=2, show_default=True, help="Crawls at once."
)
@click.option("--json", "as_json", is_flag=True, help="With --list or --once: a JSON object a source.")
def command(once: bool, listing: bool, concurrency: int, as_json: bool) -> None:
    """Crawl every enabled source when it is due, each in a process of its own, until stopped.

    TERM or Ctrl-C ends the crawls under way and then this command; a second one does not wait.

    Exit status: 0 stopped as asked. With --once: 4 some crawls failed, 5 all of them. 2 a source
    file or a setting cannot be used. 3 no database (without --once and --list it waits for it).
    """
    if as_json and not (once or listing):
        raise click.UsageError("--json goes with --list or --once")
    from sources.catalogue import load_catalogue

    configured = settings()
    catalogue = load_catalogue(configured.extra_sources, given=configured.given)
    sources = [source for source in catalogue.sources.values() if source.enabled]
    if listing:
        _show(_planned(sources, configured), as_json=as_json)
        return
    require_contact(sources, configured)
    if not sources:
        click.echo("No source is enabled: see `amparo sources list`.", err=True)
        return
    ended = _run(sources, configured, once=once, concurrency=concurrency)
    if not once:
        return
    for source_id, status in ended.items():
        if as_json:
            emit({"source": source_id, "status": status})
        else:
            click.echo(f"{source_id}: {status}")
    if not ended and not as_json:
        click.echo("Nothing was due. `amparo schedule --list` shows the next starts.")
    raise SystemExit(exit_status_of(ended.values()))


def _run(sources: Sequence[Source], configured: Settings, *, once: bool, concurrency: int) -> dict[str, str]:
    from db.engine import open_database
    from scheduler import Limits, Scheduler, run_scheduler

    log_to_stderr()
    database = open_database(configured.database_url)
    try:
        scheduler = Scheduler(
            sources,
            database,
            clock=lambda: datetime.now(UTC),
            limits=Limits(concurrency=concurrency),
            echo=sys.stderr.buffer,
        )
        run_scheduler(scheduler, once=once)
    finally:
        database.close()
    return scheduler.ended


def log_to_stderr() -> None:
    """One line an event: time in UTC, level, the event, its fields as key=value."""
    form = logging.Formatter("%(asctime)sZ level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(form)
    logging.getLogger("amparo").addHandler(handler)
    logging.getLogger("amparo").setLevel(logging.INFO)
    # Its own lines say in prose what ours say in fields.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _planned(sources: Sequence[Source], configured: Settings) -> "list[Planned]":
    """The next starts, from a database that may not be there yet."""
    from db.engine import open_database
    from db.runs import RunStore
    from db.upgrade import check_schema
    from scheduler import Limits
    from spiders.timetable import plan

    database = open_database(configured.database_url)
    try:
        check_schema(database)
        with database.read() as connection:
            last = RunStore(connection).latest_finished()
    except SchemaOutdated:
        last = {}
    finally:
        database.close()
    return plan(sources, last, datetime.now(UTC), spread=Limits().spread)


def _show(planned: "Sequence[Planned]", *, as_json: bool) -> None:
    if as_json:
        for one in planned:
            emit(
                {
                    "source": one.source.id,
                    "next_start": one.at.isoformat(timespec="seconds"),
                    "why": one.why,
                    "last_start": one.last.isoformat(timespec="seconds") if one.last else None,
                    "every_minutes": one.source.schedule.every_minutes,
                }
            )
        return
    if not planned:
        click.echo("No source is enabled: see `amparo sources list`.", err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("source", "next start (UTC)", "why", "last start (UTC)", "every")
    for one in planned:
        last = f"{one.last:%Y-%m-%d %H:%M}" if one.last else "never"
        every = f"{one.source.schedule.every_minutes} min"
        table.add_row(one.source.id, f"{one.at:%Y-%m-%d %H:%M}", one.why, last, every)
    Console().print(table)
