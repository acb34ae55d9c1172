"""Subscribers and their subscriptions, over one connection."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.errors import AmparoError
from core.subscription import (
    Channel,
    Frequency,
    Subscriber,
    SubscriberState,
    Subscription,
    SubscriptionState,
)
from db.alert_tables import delivery, outbox, subscriber, subscription
from db.dialect import insert_or_update
from db.tables import event

_NEW_SUBSCRIBER = {"bounces": 0, "paused_reason": "", "revision": 0}
_NEW_SUBSCRIPTION = {"cursor": 0, "last_period": "", "sequence": 0}


class UnknownSubscriber(AmparoError):
    """No subscriber has that address or number."""

    exit_code = 2


class SubscriberStore:
    """Who wants what."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ensure(
        self, channel: Channel, address: str, *, language: str, timezone: str, now: datetime,
        state: SubscriberState, notice_to: str | None = None,
    ) -> Subscriber:  # fmt: skip
        """The subscriber with this address, added when there is none; one that exists is left as it is."""
        row = {
            "channel": channel.value,
            "address": address,
            "language": language,
            "timezone": timezone,
            "state": state.value,
            "created_at": now,
            "notice_to": notice_to,
        }
        statement = insert_or_update(self.connection, subscriber).on_conflict_do_nothing()
        self.connection.execute(statement, row | _NEW_SUBSCRIBER)
        found = self.by_address(channel, address)
        assert found is not None
        return found

    def add(
        self, subscriber_id: int, *, name: str, query: str, frequency: Frequency, hour: int, weekday: int,
        even_if_empty: bool, now: datetime,
    ) -> Subscription:  # fmt: skip
        """A subscription that waits for its confirmation."""
        row = {
            "subscriber_id": subscriber_id,
            "name": name,
            "query": query,
            "frequency": frequency.value,
            "hour": hour,
            "weekday": weekday,
            "state": SubscriptionState.UNCONFIRMED.value,
            "created_at": now,
            "even_if_empty": even_if_empty,
            "allow_personal": False,
        }
        key = self.connection.execute(insert(subscription), row | _NEW_SUBSCRIPTION).inserted_primary_key
        assert key is not None
        found = self.subscription(int(key[0]))
        assert found is not None
        return found

    def activate(self, subscription_id: int, now: datetime) -> bool:
        """Confirm one subscription and its subscriber; it begins with what happens from here on.

        False when it is not waiting. A paused subscriber stays paused.
        """
        latest = select(func.coalesce(func.max(event.c.id), 0)).scalar_subquery()
        waiting = (subscription.c.id == subscription_id) & (
            subscription.c.state == SubscriptionState.UNCONFIRMED.value
        )
        values = {"state": SubscriptionState.ACTIVE.value, "activated_at": now, "cursor": latest}
        if self.connection.execute(update(subscription).where(waiting).values(**values)).rowcount != 1:
            return False
        owner = select(subscription.c.subscriber_id).where(subscription.c.id == subscription_id)
        unconfirmed = (subscriber.c.id == owner.scalar_subquery()) & (
            subscriber.c.state == SubscriberState.UNCONFIRMED.value
        )
        self.connection.execute(
            update(subscriber).where(unconfirmed).values(state=SubscriberState.ACTIVE.value, confirmed_at=now)
        )
        return True

    def end(self, subscription_id: int) -> None:
        """Unsubscribe: one subscription ends, what was queued for it is not sent.

        With the last one the subscriber is forgotten, address and all.
        """
        owner = self.connection.execute(
            update(subscription)
            .where(subscription.c.id == subscription_id)
            .values(state=SubscriptionState.ENDED.value)
            .returning(subscription.c.subscriber_id)
        ).scalar()
        if owner is None:
            return
        self.connection.execute(
            delete(outbox).where(outbox.c.subscription_id == subscription_id, outbox.c.state == "queued")
        )
        left = select(func.count()).where(
            subscription.c.subscriber_id == owner,
            subscription.c.state != SubscriptionState.ENDED.value,
        )
        if self.connection.execute(left).scalar_one() == 0:
            self.forget(int(owner))

    def forget(self, subscriber_id: int) -> bool:
        """Remove a subscriber and everything kept about it."""
        for table in (delivery, outbox, subscription):
            self.connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
        gone = self.connection.execute(delete(subscriber).where(subscriber.c.id == subscriber_id))
        return gone.rowcount == 1

    def forget_unconfirmed(self, before: datetime) -> int:
        """Remove those who were asked before a time and did not confirm; how many."""
        stale = (subscription.c.state == SubscriptionState.UNCONFIRMED.value) & (
            subscription.c.created_at < before
        )
        ids = list(self.connection.execute(select(subscription.c.id).where(stale)).scalars())
        for subscription_id in ids:
            self.end(subscription_id)
        return len(ids)

    def change(self, subscriber_id: int, **values: Any) -> None:
        """Set columns of a subscriber. Raises UnknownSubscriber."""
        done = self.connection.execute(
            update(subscriber).where(subscriber.c.id == subscriber_id).values(**values)
        )
        if done.rowcount != 1:
            raise UnknownSubscriber(str(subscriber_id))

    def change_subscription(self, subscription_id: int, **values: Any) -> None:
        """Set columns of a subscription. Raises UnknownSubscriber."""
        done = self.connection.execute(
            update(subscription).where(subscription.c.id == subscription_id).values(**values)
        )
        if done.rowcount != 1:
            raise UnknownSubscriber(f"subscription {subscription_id}")

    def pause(self, subscriber_id: int, reason: str) -> None:
        """Send nothing until resumed; what matches meanwhile is kept for then."""
        self.change(subscriber_id, state=SubscriberState.PAUSED.value, paused_reason=reason)

    def resume(self, subscriber_id: int) -> None:
        """Send again, with a clean count of bounces. An unconfirmed subscriber stays unconfirmed."""
        self.connection.execute(
            update(subscriber)
            .where(subscriber.c.id == subscriber_id, subscriber.c.state == SubscriberState.PAUSED.value)
            .values(state=SubscriberState.ACTIVE.value, paused_reason="", bounces=0)
        )

    def bounced(self, subscriber_id: int) -> int:
        """Count a bounce; how many there are now since mail last went through."""
        return int(
            self.connection.execute(
                update(subscriber)
                .where(subscriber.c.id == subscriber_id)
                .values(bounces=subscriber.c.bounces + 1)
                .returning(subscriber.c.bounces)
            ).scalar()
            or 0
        )

    def get(self, subscriber_id: int) -> Subscriber | None:
        """One subscriber by number."""
        row = self.connection.execute(select(subscriber).where(subscriber.c.id == subscriber_id)).first()
        return _subscriber(row) if row else None

    def by_address(self, channel: Channel, address: str) -> Subscriber | None:
        """The subscriber of a channel with this address, whatever the case it is written in."""
        mine = (subscriber.c.channel == channel.value) & (subscriber.c.address == address)
        row = self.connection.execute(select(subscriber).where(mine)).first()
        return _subscriber(row) if row else None

    def all(self) -> list[Subscriber]:
        """Every subscriber, by number."""
        return [
            _subscriber(row) for row in self.connection.execute(select(subscriber).order_by(subscriber.c.id))
        ]

    def subscription(self, subscription_id: int) -> Subscription | None:
        """One subscription by number."""
        mine = select(subscription).where(subscription.c.id == subscription_id)
        row = self.connection.execute(mine).first()
        return _subscription(row) if row else None

    def subscriptions(
        self, *, subscriber_id: int | None = None, states: Iterable[SubscriptionState] | None = None
    ) -> list[Subscription]:
        """Subscriptions by number, of one subscriber or in some states."""
        statement = select(subscription).order_by(subscription.c.id)
        if subscriber_id is not None:
            statement = statement.where(subscription.c.subscriber_id == subscriber_id)
        if states is not None:
            statement = statement.where(subscription.c.state.in_([state.value for state in states]))
        return [_subscription(row) for row in self.connection.execute(statement)]

    def advance(self, subscription_id: int, *, cursor: int, to: int) -> bool:
        """Note that events up to `to` were matched; False when another process was faster."""
        mine = (subscription.c.id == subscription_id) & (subscription.c.cursor == cursor)
        return self.connection.execute(update(subscription).where(mine).values(cursor=to)).rowcount == 1

    def take(self, subscriber_id: int, revision: int) -> bool:
        """Claim the preparing of a subscriber's digests; False when another process was faster."""
        mine = (subscriber.c.id == subscriber_id) & (subscriber.c.revision == revision)
        statement = update(subscriber).where(mine).values(revision=revision + 1)
        return self.connection.execute(statement).rowcount == 1


def _subscriber(row: Row[Any]) -> Subscriber:
    values = dict(row._mapping)
    return Subscriber(**values | {"channel": Channel(row.channel), "state": SubscriberState(row.state)})


def _subscription(row: Row[Any]) -> Subscription:
    values = dict(row._mapping)
    return Subscription(
        **values | {"frequency": Frequency(row.frequency), "state": SubscriptionState(row.state)}
    )
