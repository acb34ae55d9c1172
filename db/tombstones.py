"""Addresses that an operator took down; no crawl brings them back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from db.dialect import address_key, chunks, insert_or_update
from db.tables import tombstone as table


class TombstoneStore:
    """Tombstones, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, url: str, reason: str, now: datetime) -> None:
        """Bar an address for good. The first reason stays."""
        insert = insert_or_update(self.connection, table).on_conflict_do_nothing()
        self.connection.execute(insert, {"url": address_key(url), "reason": reason, "at": now})

    def has(self, urls: Iterable[str]) -> set[str]:
        """Those of the addresses that are barred."""
        asked = {address_key(url): url for url in urls}
        found: set[str] = set()
        for keys in chunks(asked):
            barred = self.connection.execute(select(table.c.url).where(table.c.url.in_(keys)))
            found.update(asked[key] for key in barred.scalars())
        return found
