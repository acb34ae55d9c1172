"""A crawl that stores nothing: says what would become of each page."""

import asyncio
from dataclasses import dataclass, field

from core.report import New, Outcome, Report, Unchanged, Updated
from db.engine import Database
from db.reports import ReportStore
from pipeline.items import ReportItem, Result, WriteItem


@dataclass(kw_only=True, slots=True)
class DryWriter:
    """Stands in for the writer. `would_store` are the reports that a real run would add.

    Near-duplicates are not looked for: a copy at another address counts as new here.
    """

    database: Database
    would_store: list[Report] = field(default_factory=list)
    _urls: set[str] = field(default_factory=set)

    async def start(self) -> None:
        """Nothing to start."""

    async def submit(self, item: WriteItem) -> Result:
        """What a real run would decide by the address and the words; nothing is written."""
        if not isinstance(item, ReportItem):
            return None
        outcome = await asyncio.to_thread(self._decide, item.report)
        if isinstance(outcome, New):
            self.would_store.append(item.report)
        return outcome

    def _decide(self, report: Report) -> Outcome:
        with self.database.read() as connection:
            known = ReportStore(connection).by_url(report.url)
        if known is None:
            return New()
        if (known.title, known.text) == (report.title, report.text):
            return Unchanged(of=known.id)
        return Updated(of=known.id, changes=("text",))

    async def close(self) -> None:
        """Nothing to drain."""
