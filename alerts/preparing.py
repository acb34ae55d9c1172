"""Makes the digests that are due and puts them in the outbox, each in one transaction."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.desk import Desk, Made, Rules, digest_parts
from alerts.periods import due_at_once, due_period
from alerts.selection import Key, Pick, choose
from core.errors import AmparoError
from core.subscription import (
    URGENCY,
    Channel,
    Frequency,
    Subscriber,
    SubscriberState,
    Subscription,
    SubscriptionState,
)
from db.alert_stores import AlertStores
from db.deliveries import Held
from db.engine import Database
from db.outbox import PUBLISHED, QUEUED

log = logging.getLogger("amparo.alerts")

TOGETHER = 20
"""Subscribers written in one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """One digest of one subscription, cut into parts, with the keys that each gives.

    `period` is the local date of a dated digest. `settled` are keys that are not given: a later one
    is, or the report was taken down.
    """

    subscription: Subscription
    period: str
    parts: tuple[Made, ...]
    settled: tuple[Key, ...]


def prepare_due(database: Database, rules: Rules, now: datetime, *, even_if_empty: bool = False) -> int:
    """Put every digest that is due at `now` in the outbox; how many rows.

    Reads one moment of the database for all, writes each subscriber's digests, what they give
    and the new state of the subscriptions in one transaction. When another process prepared a
    subscriber in between, that subscriber's work here is thrown away.
    """
    prepared = 0
    with database.read() as connection:
        stores = AlertStores(connection)
        desk = Desk(stores, rules, now)
        batch: list[tuple[Subscriber, list[Ready]]] = []
        for subscriber, due in _due(stores, desk, now):
            try:
                ready = _ready(desk, subscriber, due, even_if_empty=even_if_empty)
            except (AmparoError, ValueError, KeyError) as error:
                # One broken subscription must not silence all others.
                log.exception("digest not prepared", extra={"subscriber": subscriber.id, "error": str(error)})
                continue
            batch.append((subscriber, ready))
            if len(batch) == TOGETHER:
                prepared += _commit(database, batch, now)
                batch.clear()
        prepared += _commit(database, batch, now)
    return prepared


def _due(
    stores: AlertStores, desk: Desk, now: datetime
) -> Iterator[tuple[Subscriber, list[tuple[Subscription, str]]]]:
    """Each active subscriber with what is due: (subscription, period), the most urgent first."""
    store = stores.subscribers
    waiting = desk.lists.with_waiting()
    by_owner: dict[int, list[Subscription]] = {}
    for one in store.subscriptions(states=[SubscriptionState.ACTIVE]):
        by_owner.setdefault(one.subscriber_id, []).append(one)
    for subscriber in store.all():
        if subscriber.state is not SubscriberState.ACTIVE:
            continue
        due = []
        for one in sorted(by_owner.get(subscriber.id, []), key=lambda s: (URGENCY[s.frequency], s.id)):
            period = _period(one, subscriber, waiting, now)
            if period is not None:
                due.append((one, period))
        if due:
            yield subscriber, due


def _period(
    subscription: Subscription, subscriber: Subscriber, waiting: Mapping[int, bool], now: datetime
) -> str | None:
    if subscription.frequency is not Frequency.AT_ONCE:
        return due_period(subscription, subscriber.timezone, now)
    only_owed = waiting.get(subscription.id)
    fresh = only_owed is False
    return "" if due_at_once(subscription, now, waiting=fresh, owed=bool(only_owed)) else None


def _ready(
    desk: Desk,
    subscriber: Subscriber,
    due: Sequence[tuple[Subscription, str]],
    *,
    even_if_empty: bool,
) -> list[Ready]:
    """The digests of one subscriber; what the first gives the next does not give again."""
    ready: list[Ready] = []
    given_now: set[Key] = set()
    for subscription, period in due:
        waiting = [_key(held) for held in desk.lists.waiting(subscription.id).keys]
        ids = {key.report_id for key in waiting}
        given = {_key(held) for held in desk.lists.given(subscriber.id, ids)} | given_now
        choice = choose(waiting, given)
        roots = _roots_given(desk, subscriber, choice.give)
        made = digest_parts(desk, subscription, subscriber.timezone, choice.give, roots)
        dated = subscription.frequency is not Frequency.AT_ONCE
        say_so = dated and (even_if_empty or subscription.even_if_empty)
        full = [part for part in made if not part.digest.is_empty or say_so]
        given_now |= {key for part in full for key in part.keys}
        shown = {key for part in made for key in part.keys}
        hidden = tuple(pick.key for pick in choice.give if pick.key not in shown)
        ready.append(
            Ready(
                subscription=subscription,
                period=period,
                parts=tuple(full),
                settled=choice.drop + hidden,
            )
        )
    return ready


def _roots_given(desk: Desk, subscriber: Subscriber, picks: Sequence[Pick]) -> frozenset[int]:
    """The originals of these picks that the reader was given before."""
    facts = desk.material(picks, frozenset()).facts
    roots = {facts[pick.key.report_id].duplicate_of for pick in picks if pick.key.report_id in facts} - {None}
    held = desk.lists.given(subscriber.id, [root for root in roots if root is not None])
    return frozenset(report_id for report_id, _, _ in held)


def _key(held: Held) -> Key:
    return Key(report_id=held[0], version=held[1], notice=held[2])


def _held(keys: Sequence[Key]) -> list[Held]:
    return [(key.report_id, key.version, key.notice) for key in keys]


def _commit(database: Database, batch: Sequence[tuple[Subscriber, list[Ready]]], now: datetime) -> int:
    rows = 0
    if not batch:
        return rows
    with database.write() as connection:
        stores = AlertStores(connection)
        for subscriber, ready in batch:
            if stores.subscribers.take(subscriber.id, subscriber.revision):
                rows += sum(_store(stores, subscriber, one, now) for one in ready)
            else:
                log.info("prepared elsewhere", extra={"subscriber": subscriber.id})
    return rows


def _store(stores: AlertStores, subscriber: Subscriber, ready: Ready, now: datetime) -> int:
    """Write one digest: content, outbox rows, what each gives, and where the subscription stands."""
    subscription = ready.subscription
    store, lists, outbox = stores.subscribers, stores.lists, stores.outbox
    feed = subscriber.channel is Channel.FEED
    sequence = subscription.sequence + 1
    for part in ready.parts:
        digest_id = stores.digests.add(part.key, part.content, now)
        outbox_id = outbox.add(
            key=outbox_key(subscription, ready.period, sequence, part.digest.part),
            kind="digest",
            channel=subscriber.channel.value,
            subscriber_id=subscriber.id,
            subscription_id=subscription.id,
            digest_id=digest_id,
            now=now,
            state=PUBLISHED if feed else QUEUED,
        )
        lists.mark(subscription.id, _held(part.keys), "sent" if feed else "queued", outbox_id)
    lists.mark(subscription.id, _held(ready.settled), "dropped")
    values: dict[str, object] = {"sequence": sequence} if ready.parts else {}
    if ready.period:
        values["last_period"] = ready.period
    if ready.parts:
        values["last_prepared_at"] = now
    if values:
        store.change_subscription(subscription.id, **values)
    return len(ready.parts)


def outbox_key(subscription: Subscription, period: str, sequence: int, part: int) -> str:
    """The unique name of one recipient's digest of one period."""
    return f"digest/{subscription.id}/{period or 'at-once'}/{sequence}/{part}"
