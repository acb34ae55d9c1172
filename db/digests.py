"""Digests as they were prepared, one row for all readers who are told the same."""

import zlib
from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.alert_tables import digest as table
from db.alert_tables import outbox
from db.dialect import insert_or_update


class DigestStore:
    """Prepared digests, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, key: str, content: bytes, now: datetime) -> int:
        """The number of the digest with this content, added when it is the first such."""
        known = select(table.c.id).where(table.c.key == key)
        found = self.connection.execute(known).scalar()
        if found is None:
            insert = insert_or_update(self.connection, table).on_conflict_do_nothing()
            row = {"key": key, "content": zlib.compress(content, 6), "created_at": now}
            self.connection.execute(insert, row)
            found = self.connection.execute(known).scalar_one()
        return int(found)

    def get(self, digest_id: int) -> bytes | None:
        """The content of a digest."""
        packed = self.connection.execute(select(table.c.content).where(table.c.id == digest_id)).scalar()
        return None if packed is None else zlib.decompress(packed)

    def remove_unused(self, before: datetime) -> int:
        """Remove the digests made before a time that no outbox row names any more; how many."""
        used = select(outbox.c.digest_id).where(outbox.c.digest_id.is_not(None))
        old = (table.c.created_at < before) & table.c.id.not_in(used)
        return self.connection.execute(delete(table).where(old)).rowcount
