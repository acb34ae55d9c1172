"""What each subscription holds of the reports, and in which state; over one connection.

Plain tuples in and out: which of them are given is decided in `alerts.selection`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from db.alert_tables import delivery as table
from db.dialect import chunks, insert_or_update

Held = tuple[int, int, str]
"""(report number, version, notice)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What waits for one subscription: its keys, and whether a digest of it failed before."""

    keys: tuple[Held, ...]
    owed: bool


class DeliveryStore:
    """The lists of all subscriptions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def holding(self, subscription_id: int, report_ids: Iterable[int]) -> set[int]:
        """Which of these reports are on a subscription's list, in any wording and state."""
        found: set[int] = set()
        for part in chunks(report_ids):
            mine = (table.c.subscription_id == subscription_id) & table.c.report_id.in_(part)
            found.update(self.connection.execute(select(table.c.report_id).where(mine)).scalars())
        return found

    def add(self, subscriber_id: int, subscription_id: int, keys: Iterable[Held]) -> None:
        """Put keys on a list as pending; one that is on it stays as it is."""
        rows = [
            {
                "subscription_id": subscription_id,
                "report_id": report_id,
                "version": version,
                "notice": notice,
                "subscriber_id": subscriber_id,
                "state": "pending",
            }
            for report_id, version, notice in keys
        ]
        if rows:
            insert = insert_or_update(self.connection, table).on_conflict_do_nothing()
            self.connection.execute(insert, rows)

    def waiting(self, subscription_id: int) -> Waiting:
        """What was matched or is owed and not yet given."""
        mine = (table.c.subscription_id == subscription_id) & table.c.state.in_(("pending", "owed"))
        rows = self.connection.execute(self._keys().add_columns(table.c.state).where(mine)).all()
        return Waiting(
            keys=tuple((row.report_id, row.version, row.notice) for row in rows),
            owed=any(row.state == "owed" for row in rows),
        )

    def with_waiting(self) -> dict[int, bool]:
        """The subscriptions that have something waiting -> whether all of it is only owed."""
        found: dict[int, bool] = {}
        states = select(table.c.subscription_id, table.c.state).distinct()
        for row in self.connection.execute(states.where(table.c.state.in_(("pending", "owed")))):
            found[row.subscription_id] = found.get(row.subscription_id, True) and row.state == "owed"
        return found

    def given(self, subscriber_id: int, report_ids: Iterable[int]) -> list[Held]:
        """What a subscriber was given of these reports, under any subscription."""
        found: list[Held] = []
        for part in chunks(report_ids):
            mine = (
                (table.c.subscriber_id == subscriber_id)
                & table.c.report_id.in_(part)
                & table.c.state.in_(("queued", "sent"))
            )
            found += [tuple(row) for row in self.connection.execute(self._keys().where(mine))]
        return found

    def mark(
        self, subscription_id: int, keys: Sequence[Held], state: str, outbox_id: int | None = None
    ) -> None:
        """Set the state of keys, and the outbox row that carries them."""
        if not keys:
            return
        c = table.c
        mine = (
            (c.subscription_id == subscription_id)
            & (c.report_id == bindparam("r"))
            & (c.version == bindparam("v"))
            & (c.notice == bindparam("n"))
        )
        statement = update(table).where(mine).values(state=state, outbox_id=outbox_id)
        rows: list[dict[str, Any]] = [{"r": r, "v": v, "n": n} for r, v, n in keys]
        self.connection.execute(statement, rows)

    def settle(self, outbox_id: int, state: str) -> None:
        """Everything an outbox row carries: sent once a server accepted it, owed when none will."""
        mine = (table.c.outbox_id == outbox_id) & (table.c.state == "queued")
        self.connection.execute(update(table).where(mine).values(state=state))

    @staticmethod
    def _keys() -> Select[Any]:
        return select(table.c.report_id, table.c.version, table.c.notice)
