"""Reads the events since each subscription's cursor and puts what matches on its list."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.selection import Key, to_hold
from core.event import REPORT_DUPLICATE, REPORT_NEW, REPORT_UPDATED
from core.subscription import Subscription, SubscriptionState
from db.alert_stores import AlertStores
from db.engine import Database
from db.events import StoredEvent

log = logging.getLogger("amparo.alerts")

WORDINGS = frozenset({REPORT_NEW, REPORT_UPDATED, REPORT_DUPLICATE})

REMOVED = "report.removed"
"""A removal that was confirmed over several visits."""

EVENTS = 2000
"""Events read at a time: what bounds memory, however long the machine was off."""

TOGETHER = 50
"""Subscriptions written in one transaction; the crawl's writer gets its turn between two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What the events after one cursor speak of, up to the event numbered `to`."""

    to: int
    keys: tuple[Key, ...]
    trivial: frozenset[Key]

    @property
    def report_ids(self) -> set[int]:
        """Every report that is spoken of."""
        return {key.report_id for key in self.keys}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """One subscription's list, brought up to one event."""

    subscription: Subscription
    to: int
    keys: tuple[Key, ...]


def match_events(database: Database) -> int:
    """Bring every subscription's list up to the last event; how many keys were added.

    Matches against the current wording of a report, so a wording that was replaced before this
    ran is not seen: run it often. Cursor and list move in one transaction, and only when no
    other process has moved them.
    """
    added = 0
    while steps := _next_steps(database):
        for start in range(0, len(steps), TOGETHER):
            with database.write() as connection:
                stores = AlertStores(connection)
                store, lists = stores.subscribers, stores.lists
                for step in steps[start : start + TOGETHER]:
                    mine = step.subscription
                    if store.advance(mine.id, cursor=mine.cursor, to=step.to):
                        keys = [(key.report_id, key.version, key.notice) for key in step.keys]
                        lists.add(mine.subscriber_id, mine.id, keys)
                        added += len(keys)
    return added


def _next_steps(database: Database) -> list[_Step]:
    """The next portion of events for every subscription that is behind."""
    with database.read() as connection:
        stores = AlertStores(connection)
        active = stores.subscribers.subscriptions(states=[SubscriptionState.ACTIVE])
        return list(_steps(stores, active))


def _steps(stores: AlertStores, subscriptions: Sequence[Subscription]) -> Iterator[_Step]:
    lists = stores.lists
    heard_after: dict[int, Heard | None] = {}
    matched: dict[tuple[int, str], set[int]] = {}
    for mine in subscriptions:
        if mine.cursor not in heard_after:
            heard_after[mine.cursor] = _heard(stores, mine.cursor)
        heard = heard_after[mine.cursor]
        if heard is None:
            continue
        asked = (mine.cursor, mine.query)
        if asked not in matched:
            matched[asked] = stores.matching(mine.query, heard.report_ids)
        held = lists.holding(mine.id, heard.report_ids)
        keys = to_hold(heard.keys, matched[asked], held, heard.trivial)
        yield _Step(subscription=mine, to=heard.to, keys=tuple(keys))


def _heard(stores: AlertStores, cursor: int) -> Heard | None:
    events = stores.events.since(cursor, limit=EVENTS)
    if not events:
        return None
    spoken = [one for one in events if one.event.report_id is not None and one.event.kind in WORDINGS]
    ids = {one.event.report_id for one in spoken if one.event.report_id is not None}
    versions = stores.items.versions(ids)
    keys = [Key(report_id=report_id, version=version) for report_id, version in sorted(versions.items())]
    told = {one.event.report_id for one in spoken if not _only_marks(one)}
    trivial = frozenset(key for key in keys if key.report_id not in told)
    removed = [one for one in events if one.event.kind == REMOVED and one.event.report_id is not None]
    seen = stores.items.versions({one.event.report_id or 0 for one in removed})
    for one in removed:
        report_id = one.event.report_id or 0
        if report_id in seen:
            keys.append(Key(report_id=report_id, version=seen[report_id], notice=f"removed:{one.id}"))
    return Heard(to=events[-1].id, keys=tuple(keys), trivial=trivial)


def _only_marks(stored: StoredEvent) -> bool:
    """An edit that changed quotation marks, dashes or spaces and no word."""
    return stored.event.kind == REPORT_UPDATED and stored.event.detail.get("changes") == ["typography"]
