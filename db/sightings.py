"""Where reports were seen: the addresses that were asked for, which need not be the ones kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, select

from db.tables import report_sighting as table


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A source listed `url`, and what it led to is the report with this number."""

    report_id: int
    source_id: str
    url: str
    first_seen: datetime
    last_seen: datetime


class SightingStore:
    """Sightings, over one connection. `db.report_writes` adds to them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def beginning(self, url: str, limit: int = 200) -> list[Sighting]:
        """The sightings whose address begins like this, the oldest first. Reads the whole table."""
        like = table.c.url.startswith(url, autoescape=True)
        return self._sightings(select(table).where(like).order_by(table.c.first_seen).limit(limit))

    def of(self, report_id: int) -> list[Sighting]:
        """Every source and address at which a report was seen, the oldest first."""
        mine = table.c.report_id == report_id
        return self._sightings(select(table).where(mine).order_by(table.c.first_seen))

    def _sightings(self, statement: Select[tuple[object, ...]]) -> list[Sighting]:
        return [_sighting(row) for row in self.connection.execute(statement)]


def _sighting(row: Row[tuple[object, ...]]) -> Sighting:
    return Sighting(**row._mapping)
