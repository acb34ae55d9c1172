"""What happened, in the order in which it was committed; readers go on from a number."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.event import Event
from db.dialect import insert_or_update
from db.tables import event as table


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEvent:
    """An event and its number."""

    id: int
    event: Event


def event_key(event: Event) -> str:
    """The same for the same event, so that writing it twice keeps one."""
    said = json.dumps(dict(event.detail), sort_keys=True, default=str)
    facts = (event.kind, event.at.isoformat(), event.source_id or "", event.report_id or "", said)
    return hashlib.sha256("\0".join(map(str, facts)).encode(errors="replace")).hexdigest()


class EventStore:
    """Events, over one connection of `Database.write()`: that keeps numbers in commit order."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, events: Iterable[Event]) -> None:
        """Append events; one that is already there is not appended again."""
        rows = [
            {
                "key": event_key(event),
                "kind": event.kind,
                "at": event.at,
                "source_id": event.source_id,
                "report_id": event.report_id,
                "detail": dict(event.detail),
            }
            for event in events
        ]
        if rows:
            insert = insert_or_update(self.connection, table)
            self.connection.execute(insert.on_conflict_do_nothing(index_elements=["key"]), rows)

    def since(self, after: int, limit: int = 1000) -> list[StoredEvent]:
        """The events numbered above `after`, in order."""
        statement = select(table).where(table.c.id > after).order_by(table.c.id).limit(limit)
        return [
            StoredEvent(
                id=row.id,
                event=Event(
                    kind=row.kind,
                    at=row.at,
                    source_id=row.source_id,
                    report_id=row.report_id,
                    detail=row.detail,
                ),
            )
            for row in self.connection.execute(statement)
        ]
