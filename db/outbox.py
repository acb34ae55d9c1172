"""What is to be delivered: one row a recipient and period, taken under a lease.

The way of a row: queued -> claimed (committed) -> the server accepts -> sent (committed). A
process that dies in between leaves a claimed row whose lease runs out; it is sent again with the
same key, from which the Message-ID is made. Only that one row can ever be sent twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, or_, select, update

from db.alert_tables import outbox as table
from db.alert_tables import subscriber
from db.dialect import insert_or_update

LEASE = timedelta(minutes=10)
"""How long a claimed row is left to its process: longer than a delivery may take at most."""

QUEUED, CLAIMED, SENT, FAILED, PUBLISHED = "queued", "claimed", "sent", "failed", "published"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One row. `kind`: digest, confirm, already or notice. `attempts` counts this recipient's failures."""

    id: int
    key: str
    kind: str
    channel: str
    subscriber_id: int
    subscription_id: int | None
    digest_id: int | None
    created_at: datetime
    attempts: int
    state: str = QUEUED
    last_error: str = ""
    next_at: datetime | None = None
    sent_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class OutboxStore:
    """The outbox, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(
        self, *, key: str, kind: str, channel: str, subscriber_id: int, subscription_id: int | None = None,
        digest_id: int | None = None, now: datetime, state: str = QUEUED,
        detail: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """The number of the row with this key, added when there is none."""
        row = {
            "key": key,
            "kind": kind,
            "channel": channel,
            "subscriber_id": subscriber_id,
            "subscription_id": subscription_id,
            "digest_id": digest_id,
            "detail": dict(detail or {}),
            "state": state,
            "created_at": now,
            "attempts": 0,
            "next_at": now,
            "last_error": "",
            "sent_at": now if state == PUBLISHED else None,
        }
        self.connection.execute(insert_or_update(self.connection, table).on_conflict_do_nothing(), row)
        return int(self.connection.execute(select(table.c.id).where(table.c.key == key)).scalar_one())

    def claim(self, channel: str, owner: str, now: datetime) -> Outgoing | None:
        """The next row that is due, now leased to `owner`. Rows of a paused subscriber wait, but
        for the notice that it is paused.

        Call inside `Database.write()` and commit before delivering.
        """
        row = self.connection.execute(self._due(channel, now)).first()
        if row is None:
            return None
        lease: dict[str, Any] = {"state": CLAIMED, "lease_owner": owner, "lease_until": now + LEASE}
        self.connection.execute(update(table).where(table.c.id == row.id).values(**lease))
        return Outgoing(**dict(row._mapping) | lease)

    def any_due(self, channel: str, now: datetime) -> bool:
        """Whether `claim` would find a row."""
        return self.connection.execute(self._due(channel, now)).first() is not None

    def _due(self, channel: str, now: datetime) -> Select[Any]:
        c = table.c
        queued, expired = (
            and_(c.state == QUEUED, c.next_at <= now),
            and_(c.state == CLAIMED, c.lease_until <= now),
        )
        paused = select(subscriber.c.id).where(subscriber.c.state == "paused")
        reachable = or_(c.kind == "notice", c.subscriber_id.not_in(paused))
        due = and_(c.channel == channel, or_(queued, expired), reachable)
        return select(table).where(due).order_by(c.next_at, c.id).limit(1)

    def sent(self, outgoing: Outgoing, now: datetime) -> bool:
        """The server accepted it. False when the row is no longer this owner's."""
        return self._finish(outgoing, state=SENT, sent_at=now, last_error="")

    def failed(self, outgoing: Outgoing, reason: str) -> bool:
        """It will not be delivered."""
        return self._finish(outgoing, state=FAILED, last_error=reason, attempts=outgoing.attempts + 1)

    def later(self, outgoing: Outgoing, reason: str, at: datetime, *, counts: bool) -> bool:
        """Back into the queue until `at`. `counts`: the recipient refused, not the whole server."""
        attempts = outgoing.attempts + (1 if counts else 0)
        return self._finish(outgoing, state=QUEUED, last_error=reason, next_at=at, attempts=attempts)

    def _finish(self, outgoing: Outgoing, **values: Any) -> bool:
        mine = (
            (table.c.id == outgoing.id)
            & (table.c.state == CLAIMED)
            & (table.c.lease_owner == outgoing.lease_owner)
        )
        values |= {"lease_owner": None, "lease_until": None}
        return self.connection.execute(update(table).where(mine).values(**values)).rowcount == 1

    def get(self, outbox_id: int) -> Outgoing | None:
        """One row by number."""
        row = self.connection.execute(select(table).where(table.c.id == outbox_id)).first()
        return Outgoing(**row._mapping) if row else None

    def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        statement = select(table.c.state, func.count()).group_by(table.c.state)
        return {str(row[0]): int(row[1]) for row in self.connection.execute(statement)}

    def troubled(self, limit: int = 50) -> list[Outgoing]:
        """Rows that wait after a failure or have failed, the latest first."""
        hurt = table.c.last_error != ""
        rows = self.connection.execute(select(table).where(hurt).order_by(table.c.id.desc()).limit(limit))
        return [Outgoing(**row._mapping) for row in rows]

    def published(self, subscription_ids: list[int], limit: int = 30) -> list[Outgoing]:
        """The latest digests of feeds, the newest first."""
        mine = table.c.subscription_id.in_(subscription_ids) & (table.c.state == PUBLISHED)
        rows = self.connection.execute(select(table).where(mine).order_by(table.c.id.desc()).limit(limit))
        return [Outgoing(**row._mapping) for row in rows]

    def remove_done(self, before: datetime) -> int:
        """Remove rows that were settled before a time; what they carried stays noted. How many."""
        old = table.c.state.in_((SENT, FAILED, PUBLISHED)) & (table.c.created_at < before)
        return self.connection.execute(delete(table).where(old)).rowcount
