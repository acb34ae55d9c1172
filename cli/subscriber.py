"""`amparo subscriber`: who receives digests, and the pages on which they decide about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.context import emit, settings
from cli.digest import channel_of
from core.errors import InputError, SettingsError
from core.subscription import LANGUAGES, Channel, Frequency, Subscriber, SubscriberState

if TYPE_CHECKING:
    from db.engine import Database
    from db.subscribers import SubscriberStore


@click.group(name="subscriber")
def command() -> None:
    """Who receives digests."""


@contextmanager
def _database() -> Iterator["Database"]:
    from db.engine import open_database
    from db.upgrade import upgrade

    database = open_database(settings().database_url)
    upgrade(database)
    try:
        yield database
    finally:
        database.close()


@command.command()
@click.argument("address", required=False)
@click.option("--feed", is_flag=True, help="A private Atom and JSON feed instead of an address.")
@click.option("--query", default="", help="A search as for `amparo search`; without one: everything.")
@click.option("--name", default="", help="What the digest is called; the query if not given.")
@click.option(
    "--frequency", type=click.Choice([f.value for f in Frequency]), default="daily", show_default=True
)
@click.option("--hour", type=click.IntRange(0, 23), default=7, show_default=True)
@click.option("--weekday", type=click.IntRange(0, 6), default=0, show_default=True, help="Monday is 0.")
@click.option("--timezone", default="UTC", show_default=True, help="Such as America/El_Salvador.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--even-if-empty", is_flag=True, help="Also say when all is quiet, and what was checked.")
@click.option("--notice-to", help="Webhooks: a mail address that is told when it is paused.")
def add(
    *,
    address: str | None,
    feed: bool,
    query: str,
    name: str,
    frequency: str,
    hour: int,
    weekday: int,
    timezone: str,
    language: str,
    even_if_empty: bool,
    notice_to: str | None,
) -> None:
    """Add a subscription for a mail address, an https webhook or a feed.

    A mail address gets one mail, and nothing more until its owner confirms.
    """
    from alerts.joining import join, wish

    if (address is None) is not feed:
        raise InputError("expected either an ADDRESS or --feed")
    asked = wish(
        channel_of(address) if address else Channel.FEED,
        address or "",
        query=query,
        name=name,
        frequency=frequency,
        hour=hour,
        weekday=weekday,
        language=language,
        timezone=timezone,
        even_if_empty=even_if_empty,
        notice_to=notice_to,
    )
    with _database() as database:
        subscription = join(database, asked, datetime.now(UTC), by_operator=True)
    assert subscription is not None
    _tell_added(asked.channel, asked.address, subscription.subscriber_id, subscription.id)


def _tell_added(channel: Channel, address: str, subscriber_id: int, subscription_id: int) -> None:
    from alerts.links import webhook_secret
    from alerts.run import secret_of

    known = settings()
    click.echo(f"Subscription {subscription_id} added.")
    if channel is Channel.MAIL:
        click.echo(f"`amparo digest send` (or the scheduler) sends {address} a mail to confirm it.")
    elif channel is Channel.WEBHOOK:
        click.echo(f"Its calls are signed with {webhook_secret(secret_of(known), subscriber_id, address)}")
    else:
        home = known.public_url or "http://127.0.0.1:8025"
        click.echo(f"{home}/feed/{address}.atom\n{home}/feed/{address}.json")


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_them(as_json: bool) -> None:
    """Every subscriber with what was asked for."""
    from db.subscribers import SubscriberStore

    with _database() as database, database.read() as connection:
        store = SubscriberStore(connection)
        found = [(one, store.subscriptions(subscriber_id=one.id)) for one in store.all()]
    for subscriber, subscriptions in found:
        if as_json:
            emit(
                {
                    "id": subscriber.id,
                    "channel": subscriber.channel,
                    "address": subscriber.address,
                    "state": subscriber.state,
                    "language": subscriber.language,
                    "timezone": subscriber.timezone,
                    "bounces": subscriber.bounces,
                    "paused_reason": subscriber.paused_reason,
                    "subscriptions": [
                        {
                            "id": one.id,
                            "name": one.name,
                            "query": one.query,
                            "frequency": one.frequency,
                            "hour": one.hour,
                            "weekday": one.weekday,
                            "state": one.state,
                            "even_if_empty": one.even_if_empty,
                            "allow_personal": one.allow_personal,
                        }
                        for one in subscriptions
                    ],
                }
            )
            continue
        reason = f" ({subscriber.paused_reason})" if subscriber.paused_reason else ""
        click.echo(
            f"{subscriber.id}  {subscriber.address}  {subscriber.state}{reason}  {subscriber.timezone}"
        )
        for one in subscriptions:
            when = f"{one.frequency} {one.hour:02}:00"
            click.echo(f"    subscription {one.id}  {one.state}  {when}  {one.query or '(everything)'}")


def _with_one(address: str, act: "Callable[[SubscriberStore, Subscriber], None]") -> None:
    from db.subscribers import SubscriberStore, UnknownSubscriber

    with _database() as database, database.write() as connection:
        store = SubscriberStore(connection)
        found = [one for one in store.all() if one.address.lower() == address.strip().lower()]
        if not found:
            raise UnknownSubscriber(address)
        for one in found:
            act(store, one)


@command.command()
@click.argument("address")
def remove(address: str) -> None:
    """Delete a subscriber and everything kept about it."""

    def forget(store: "SubscriberStore", one: Subscriber) -> None:
        store.forget(one.id)

    _with_one(address, forget)
    click.echo("Removed.")


@command.command()
@click.argument("address")
def pause(address: str) -> None:
    """Send nothing until `resume`; what matches meanwhile is kept for then."""
    _with_one(address, lambda store, one: store.pause(one.id, "paused by the operator"))
    click.echo("Paused.")


@command.command()
@click.argument("address")
def resume(address: str) -> None:
    """Send again after a pause."""
    _with_one(address, lambda store, one: store.resume(one.id))
    click.echo("Resumed.")


@command.command()
@click.argument("address")
def bounced(address: str) -> None:
    """Count a bounce that came back by mail; the third in a row pauses the address."""
    from alerts.delivering import BOUNCES

    def count(store: "SubscriberStore", one: Subscriber) -> None:
        if store.bounced(one.id) >= BOUNCES and one.state is SubscriberState.ACTIVE:
            store.pause(one.id, "mails came back")

    _with_one(address, count)
    click.echo("Counted.")


@command.command(name="allow-personal")
@click.argument("subscription", type=int)
@click.option("--no", "forbid", is_flag=True, help="Blank it again.")
def allow_personal(subscription: int, forbid: bool) -> None:
    """Let personal data through unmasked to one subscription. Read docs/safety.md first."""
    from db.subscribers import SubscriberStore

    with _database() as database, database.write() as connection:
        SubscriberStore(connection).change_subscription(subscription, allow_personal=not forbid)
    click.echo("Masked." if forbid else "Personal data will be sent unmasked to this subscription.")


@command.command()
@click.argument("token")
def confirm(token: str) -> None:
    """Confirm with the token at the end of the link of a confirmation mail."""
    from alerts.joining import confirm as confirm_it
    from alerts.links import read_token
    from alerts.run import secret_of

    now = datetime.now(UTC)
    with _database() as database:
        if not confirm_it(database, read_token(secret_of(settings()), _token(token), now), now):
            raise InputError("this link is not valid, or no longer")
    click.echo("Confirmed.")


@command.command()
@click.argument("token")
def unsubscribe(token: str) -> None:
    """Unsubscribe with the token at the end of the link of a mail."""
    from alerts.joining import leave
    from alerts.links import read_token
    from alerts.run import secret_of

    with _database() as database:
        grant = read_token(secret_of(settings()), _token(token), datetime.now(UTC))
        if not leave(database, grant):
            raise InputError("this link is not valid")
    click.echo("Done.")


def _token(written: str) -> str:
    """The token, also from a whole link."""
    return written.strip().rsplit("/", 1)[-1]


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8025, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Serve the pages to confirm, change and unsubscribe, and the feeds, until stopped.

    Put a reverse proxy with TLS before it and set AMPARO_PUBLIC_URL to its address.
    """
    from alerts.run import secret_of
    from alerts.server import make_server

    known = settings()
    secret = secret_of(known)
    with _database() as database:
        try:
            server = make_server(
                database,
                secret,
                host=host,
                port=port,
                public_url=known.public_url or f"http://{host}:{port}",
                clock=lambda: datetime.now(UTC),
            )
        except OSError as error:
            raise SettingsError(f"{host}:{port}: {error.strerror}") from None
        click.echo(f"Serving on http://{host}:{server.server_address[1]}", err=True)
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                click.echo("Stopped.", err=True)
