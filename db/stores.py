"""All stores over one connection, for a caller that needs several in one transaction."""

from sqlalchemy import Connection

from db.events import EventStore
from db.quarantine import QuarantineStore
from db.report_writes import ReportTables
from db.reports import ReportStore
from db.sketches import SketchStore
from db.sources import SourceStore
from db.tombstones import TombstoneStore
from db.visits import VisitStore


class Stores:
    """One store a subject. Made inside `Database.read()` or `Database.write()`."""

    def __init__(self, connection: Connection) -> None:
        self.sources = SourceStore(connection)
        self.visits = VisitStore(connection)
        self.reports = ReportStore(connection)
        self.tables = ReportTables(connection)
        self.sketches = SketchStore(connection)
        self.events = EventStore(connection)
        self.quarantine = QuarantineStore(connection)
        self.tombstones = TombstoneStore(connection)
