"""`amparo digest`: look at a digest, send what is due, see what waits."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.context import emit, settings
from core.errors import InputError
from core.settings import Settings
from core.subscription import LANGUAGES, Channel, mail_address, zone_name


@click.group(name="digest")
def command() -> None:
    """Preview and send digests."""


@command.command()
@click.option("--query", default="", help="A search as for `amparo search`; without one: everything.")
@click.option("--days", default=7.0, show_default=True, help="How far to look back.")
@click.option("--subscriber", metavar="ADDRESS", help="What waits for this mail address, instead of a query.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--timezone", default="UTC", show_default=True)
@click.option("--form", type=click.Choice(["text", "html", "json"]), default="text", show_default=True)
@click.option("--unmasked", is_flag=True, help="Show personal data that a digest blanks.")
@click.option("--open", "open_it", is_flag=True, help="Write an HTML file and open it in a browser.")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this file.")
def preview(
    *,
    query: str,
    days: float,
    subscriber: str | None,
    language: str,
    timezone: str,
    form: str,
    unmasked: bool,
    open_it: bool,
    output: Path | None,
) -> None:
    """Show a digest without sending or noting anything."""
    from alerts.preview import preview_digests, shown
    from db.engine import open_database
    from db.upgrade import check_schema

    known = settings()
    zone_name(timezone)
    now = datetime.now(UTC)
    with closing(open_database(known.database_url)) as database:
        check_schema(database)
        digests = preview_digests(
            database,
            query=query,
            address=mail_address(subscriber) if subscriber else None,
            timezone=timezone,
            since=now - timedelta(days=days),
            now=now,
            quiet_days=_quiet_days(known),
            unmasked=unmasked,
        )
    written = shown(digests, language, "html" if open_it else form)
    file = output or (known.data_dir / "digest-preview.html" if open_it else None)
    if file is None:
        click.echo(written)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written, encoding="utf-8")
    click.echo(f"Written to {file}")
    if open_it:
        click.launch(file.absolute().as_uri())


@command.command()
@click.option("--even-if-empty", is_flag=True, help="Also tell those for whom all is quiet.")
@click.option("--json", "as_json", is_flag=True)
def send(even_if_empty: bool, as_json: bool) -> None:
    """Send every digest that is due now. Safe to run at any time, and twice."""
    from dataclasses import asdict

    from alerts.run import send_due
    from db.engine import open_database
    from db.upgrade import upgrade
    from spiders.addresses import is_public

    known = settings()
    with closing(open_database(known.database_url)) as database:
        upgrade(database)
        done = send_due(
            database,
            known,
            datetime.now(UTC),
            permitted=is_public,
            quiet_days=_quiet_days(known),
            even_if_empty=even_if_empty,
            clock=lambda: datetime.now(UTC),
        )
    if as_json:
        emit(asdict(done))
    else:
        click.echo(f"{done.matched} new entries, {done.prepared} digests prepared.")
        click.echo(f"{done.sent} sent, {done.later} to be tried again, {done.failed} failed.")
        for trouble in done.trouble:
            click.echo(f"Waiting in the outbox: {trouble}", err=True)
    if done.trouble:
        raise SystemExit(1)


@command.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """What is in the outbox, and what went wrong."""
    from db.engine import open_database
    from db.outbox import OutboxStore
    from db.upgrade import check_schema

    with closing(open_database(settings().database_url)) as database:
        check_schema(database)
        with database.read() as connection:
            store = OutboxStore(connection)
            counts, troubled = store.counts(), store.troubled()
    if as_json:
        rows = [{"key": one.key, "state": one.state, "reason": one.last_error} for one in troubled]
        emit({"counts": counts, "troubled": rows})
        return
    click.echo(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "empty")
    for one in troubled:
        click.echo(f"{one.key}  {one.state}  {one.attempts} attempts  {one.last_error}")


def _quiet_days(known: Settings) -> dict[str, int]:
    """How long each source may be quiet, as its file says."""
    from sources.catalogue import load_catalogue

    sources = load_catalogue(known.extra_sources).sources.values()
    found = {one.id: one.expectations.quiet_days for one in sources if one.enabled}
    return {name: days for name, days in found.items() if days is not None}


def channel_of(address: str) -> Channel:
    """A mail address or the https address of a webhook. Raises InputError."""
    if address.startswith("https://"):
        return Channel.WEBHOOK
    if "@" in address:
        return Channel.MAIL
    raise InputError(f"{address!r}: expected a mail address or an https address")
