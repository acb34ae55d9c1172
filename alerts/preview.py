"""A digest to look at: the same building and rendering, but nothing is sent and nothing noted."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.desk import Desk, Rules, digest_parts
from alerts.digest import Digest, as_json
from alerts.masking import Mask
from alerts.rendering import Links, render
from alerts.run import labels_of
from alerts.selection import Key, Pick, choose
from core.subscription import Channel, Frequency, Subscription, SubscriptionState
from db.alert_stores import AlertStores
from db.engine import Database
from db.subscribers import SubscriberStore, UnknownSubscriber
from taxonomy.loader import load_taxonomy

MOST = 5000
"""Reports looked at; the newest are taken."""


def preview_digests(
    database: Database,
    *,
    query: str,
    address: str | None,
    timezone: str,
    since: datetime,
    now: datetime,
    quiet_days: Mapping[str, int],
    unmasked: bool = False,
) -> list[Digest]:
    """The parts of a digest of a query since a time, or of all that waits for a mail address.

    Raises UnknownSubscriber for an address without a subscription.
    """
    rules = Rules(mask=Mask(load_taxonomy().identifiers), quiet_days=quiet_days)
    with database.read() as connection:
        stores = AlertStores(connection)
        desk = Desk(stores, rules, now)
        if address is not None:
            return _waiting(stores.subscribers, desk, address)
        items = stores.items
        ids = stores.matching(query, items.seen_since(since, MOST))
        versions = items.versions(ids)
        picks = [Pick(key=Key(report_id=i, version=v), before=None) for i, v in sorted(versions.items())]
        asked = Subscription(
            id=0,
            subscriber_id=0,
            name=query or "Amparo",
            query=query,
            frequency=Frequency.DAILY,
            hour=7,
            weekday=0,
            state=SubscriptionState.ACTIVE,
            created_at=now,
            allow_personal=unmasked,
            activated_at=since,
        )
        return [part.digest for part in digest_parts(desk, asked, timezone, picks, frozenset())]


def _waiting(store: SubscriberStore, desk: Desk, address: str) -> list[Digest]:
    subscriber = store.by_address(Channel.MAIL, address)
    if subscriber is None:
        raise UnknownSubscriber(address)
    found: list[Digest] = []
    for subscription in store.subscriptions(subscriber_id=subscriber.id, states=[SubscriptionState.ACTIVE]):
        waiting = [
            Key(report_id=r, version=v, notice=n) for r, v, n in desk.lists.waiting(subscription.id).keys
        ]
        given = desk.lists.given(subscriber.id, {key.report_id for key in waiting})
        choice = choose(waiting, {Key(report_id=r, version=v, notice=n) for r, v, n in given})
        parts = digest_parts(desk, subscription, subscriber.timezone, choice.give, frozenset())
        found += [part.digest for part in parts]
    return found


def shown(digests: Sequence[Digest], language: str, form: str) -> str:
    """Digests as text, as HTML pages one after the other, or as a JSON list."""
    if form == "json":
        parts = [json.loads(as_json(digest)) for digest in digests]
        return json.dumps(parts, ensure_ascii=False, indent=2)
    labels = labels_of(load_taxonomy())
    rendered = [render(digest, language, labels, Links()) for digest in digests]
    if form == "html":
        return "\n".join(one.html for one in rendered)
    return "\n\n".join(f"Subject: {one.subject}\n\n{one.text}" for one in rendered)
