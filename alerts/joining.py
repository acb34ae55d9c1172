"""Joining, leaving and changing: what the pages and the commands do, in one transaction each."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.links import Grant, Purpose
from core.errors import InputError
from core.subscription import (
    LANGUAGES,
    Channel,
    Frequency,
    Subscriber,
    SubscriberState,
    Subscription,
    SubscriptionState,
    mail_address,
    one_line,
    webhook_address,
    zone_name,
)
from db.alert_stores import AlertStores
from db.engine import Database
from db.query import LONGEST_QUERY

ASKED_PAUSE = timedelta(hours=24)
"""An address gets at most one mail a day from people who type it into the form."""

MOST = 20
"""Subscriptions one address may hold, so that a form cannot be used to fill the database."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody asks for. Checked by `wish`."""

    channel: Channel
    address: str
    query: str
    name: str
    frequency: Frequency
    hour: int
    weekday: int
    language: str
    timezone: str
    even_if_empty: bool
    notice_to: str | None = None


def wish(
    channel: Channel,
    address: str,
    *,
    query: str = "",
    name: str = "",
    frequency: str = "daily",
    hour: int = 7,
    weekday: int = 0,
    language: str = "en",
    timezone: str = "UTC",
    even_if_empty: bool = False,
    notice_to: str | None = None,
) -> Wish:
    """A checked wish. Raises InputError that names the value that cannot be used."""
    if channel is Channel.MAIL:
        address = mail_address(address)
    elif channel is Channel.WEBHOOK:
        address = webhook_address(address)
    else:
        address = secrets.token_urlsafe(24)
    if language not in LANGUAGES:
        raise InputError(f"{language!r}: expected a language, en or es")
    if frequency not in tuple(Frequency):
        raise InputError(f"{frequency!r}: expected at-once, daily or weekly")
    if not 0 <= hour <= 23 or not 0 <= weekday <= 6:
        raise InputError("expected an hour from 0 to 23 and a day of the week from 0 (Monday) to 6")
    query = one_line(query, LONGEST_QUERY)
    return Wish(
        channel=channel,
        address=address,
        query=query,
        name=one_line(name, 120) or one_line(query, 80) or "Amparo",
        frequency=Frequency(frequency),
        hour=hour,
        weekday=weekday,
        language=language,
        timezone=zone_name(timezone),
        even_if_empty=even_if_empty,
        notice_to=mail_address(notice_to) if notice_to else None,
    )


def join(database: Database, asked: Wish, now: datetime, *, by_operator: bool = False) -> Subscription | None:
    """Take a wish. Mail has to be confirmed from the mailbox; the others begin at once.

    None when nothing was added: somebody types an address again and again, or one that has the
    very digest already. Whoever asks is told the same in every case; only the mailbox learns more.
    """
    with database.write() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        confirmed = asked.channel is not Channel.MAIL
        subscriber = store.ensure(
            asked.channel,
            asked.address,
            language=asked.language,
            timezone=asked.timezone,
            now=now,
            state=SubscriberState.ACTIVE if confirmed else SubscriberState.UNCONFIRMED,
            notice_to=asked.notice_to,
        )
        known = store.subscriptions(subscriber_id=subscriber.id)
        if not by_operator and not _may_ask(subscriber, known, now):
            return None
        if not confirmed:
            store.change(subscriber.id, asked_at=now)
        same = [one for one in known if one.query == asked.query and one.state is SubscriptionState.ACTIVE]
        if same and not confirmed and not by_operator:
            _queue(stores, subscriber, None, "already", now)
            return None
        subscription = store.add(
            subscriber.id,
            name=asked.name,
            query=asked.query,
            frequency=asked.frequency,
            hour=asked.hour,
            weekday=asked.weekday,
            even_if_empty=asked.even_if_empty,
            now=now,
        )
        if confirmed:
            store.activate(subscription.id, now)
        else:
            _queue(stores, subscriber, subscription, "confirm", now)
        return store.subscription(subscription.id)


def _may_ask(subscriber: Subscriber, known: list[Subscription], now: datetime) -> bool:
    recent = subscriber.asked_at is not None and now - subscriber.asked_at < ASKED_PAUSE
    return not recent and len(known) < MOST


def _queue(
    stores: AlertStores,
    subscriber: Subscriber,
    subscription: Subscription | None,
    kind: str,
    now: datetime,
) -> None:
    number = subscription.id if subscription else 0
    stores.outbox.add(
        key=f"{kind}/{subscriber.id}/{number}/{int(now.timestamp())}",
        kind=kind,
        channel=Channel.MAIL.value,
        subscriber_id=subscriber.id,
        subscription_id=subscription.id if subscription else None,
        now=now,
    )


def confirm(database: Database, grant: Grant | None, now: datetime) -> bool:
    """Begin the subscription of a confirm link; True also when it has begun before."""
    if grant is None or grant.purpose is not Purpose.CONFIRM:
        return False
    with database.write() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        subscription = store.subscription(grant.subscription_id)
        if subscription is None or subscription.subscriber_id != grant.subscriber_id:
            return False
        if subscription.state is SubscriptionState.ENDED:
            return False
        store.activate(subscription.id, now)
        return True


def leave(database: Database, grant: Grant | None, *, everything: bool = False) -> bool:
    """End what a link allows to end. True for every valid link, also when it ended long ago."""
    if grant is None or grant.purpose is Purpose.CONFIRM:
        return False
    with database.write() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        if everything or not grant.subscription_id:
            store.forget(grant.subscriber_id)
        else:
            subscription = store.subscription(grant.subscription_id)
            if subscription is not None and subscription.subscriber_id == grant.subscriber_id:
                store.end(subscription.id)
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Whom a preferences link belongs to, with what is theirs and not ended."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]


def reader(database: Database, grant: Grant | None) -> Reader | None:
    """The reader of a preferences link; None when it is not valid or the reader has left."""
    if grant is None or grant.purpose is not Purpose.PREFERENCES:
        return None
    with database.read() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        subscriber = store.get(grant.subscriber_id)
        if subscriber is None:
            return None
        mine = store.subscriptions(subscriber_id=subscriber.id)
        kept = tuple(one for one in mine if one.state is SubscriptionState.ACTIVE)
        return Reader(subscriber=subscriber, subscriptions=kept)


def change(database: Database, known: Reader, form: Mapping[str, str]) -> None:
    """Save a preferences form: language, timezone, and per subscription N frequency-N, hour-N, …

    Raises InputError that names the value; then nothing was saved.
    """
    language = form.get("language", known.subscriber.language)
    if language not in LANGUAGES:
        raise InputError(f"{language!r}: expected a language, en or es")
    timezone = zone_name(form.get("timezone", known.subscriber.timezone))
    wanted = [(one, _wanted(one, form)) for one in known.subscriptions]
    with database.write() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        store.change(known.subscriber.id, language=language, timezone=timezone)
        for one, values in wanted:
            if values is None:
                store.end(one.id)
            else:
                store.change_subscription(one.id, **values)


def _wanted(one: Subscription, form: Mapping[str, str]) -> dict[str, object] | None:
    """The new columns of one subscription; None when it is to end."""
    frequency = form.get(f"frequency-{one.id}", one.frequency.value)
    if frequency == "end":
        return None
    hour, weekday = form.get(f"hour-{one.id}", str(one.hour)), form.get(f"weekday-{one.id}", str(one.weekday))
    if frequency not in tuple(Frequency):
        raise InputError(f"{frequency!r}: expected at-once, daily or weekly")
    if not (hour.isdecimal() and hour.isascii() and int(hour[:3]) <= 23):
        raise InputError(f"{hour!r}: expected an hour from 0 to 23")
    if weekday not in tuple("0123456"):
        raise InputError(f"{weekday!r}: expected a day of the week from 0 (Monday) to 6")
    return {
        "frequency": frequency,
        "hour": int(hour),
        "weekday": int(weekday),
        "even_if_empty": form.get(f"even-{one.id}", "") == "on",
    }
