"""The stores that alerts need, over one connection, for several of them in one transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection

from db.coverage import CoverageStore
from db.deliveries import DeliveryStore
from db.digests import DigestStore
from db.events import EventStore
from db.items import ItemStore
from db.matching import matching
from db.outbox import OutboxStore
from db.subscribers import SubscriberStore
from db.tombstones import TombstoneStore


class AlertStores:
    """One store a subject. Made inside `Database.read()` or `Database.write()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.subscribers = SubscriberStore(connection)
        self.lists = DeliveryStore(connection)
        self.digests = DigestStore(connection)
        self.outbox = OutboxStore(connection)
        self.items = ItemStore(connection)
        self.coverage = CoverageStore(connection)
        self.events = EventStore(connection)
        self.tombstones = TombstoneStore(connection)

    def matching(self, query: str, report_ids: Iterable[int]) -> set[int]:
        """Which of these reports fit a search."""
        return matching(self._connection, query, report_ids)
