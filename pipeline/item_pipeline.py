"""From a fetched page to a committed report: the one place where Scrapy meets the pipeline.

A page is read in the extraction pool, its report is handed to the writer, and only when that is
committed does the item leave. Pages in hand hold the downloads back, so memory stays flat.
"""

import logging
from contextlib import AbstractContextManager
from typing import Protocol, Self

from scrapy.crawler import Crawler

from core.errors import AmparoError
from core.report import Listed, Page, Quarantined, Report
from core.source import Source
from db.visits import Visit
from pipeline.items import QuarantineItem, Received, ReportItem, Result, WriteItem

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Reads pages: `pipeline.pool.ExtractionPool`."""

    async def read(self, page: Page, source: Source) -> Report | Quarantined:
        """The report of a page, or why there is none."""


class Writer(Protocol):
    """Stores reports: `pipeline.writer.ReportWriter`."""

    async def submit(self, item: WriteItem) -> Result:
        """What became of the item, once it is committed."""


class Session(Protocol):
    """What the pipeline asks of, and tells, the run (spiders/session.py has the real one)."""

    source: Source
    reader: Reader
    writer: Writer

    def take(self, listed: Listed) -> bool:
        """Whether the page is within the operator's limit."""

    def holding(self, page: Page) -> AbstractContextManager[None]:
        """The page is in hand: while many are, no further ones are fetched."""

    def received(self, listed: Listed) -> None:
        """A page arrived whole."""

    def visit_to(self, page: Page) -> Visit:
        """The visit a page's report is stored with."""

    def visit_to_quarantined(self, url: str, *, status: int | None, detail: str) -> Visit:
        """The visit an unreadable page is noted with."""

    def decided(self, url: str, result: Result) -> None:
        """What became of the page listed at `url`."""

    def over_limit(self, listed: Listed) -> None:
        """The page was left for another run."""

    def broken(self, url: str, detail: str) -> None:
        """The page could not be processed, and that is not its fault."""


class ItemPipeline:
    """Pages (and pages a spider could not read) in, decisions out."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        session: Session = crawler.spider.session  # type: ignore[union-attr]
        return cls(session)

    async def process_item(self, item: Page | Quarantined) -> object:
        """Read, store, count. What goes in leaves no trace in memory: None comes out."""
        url = item.listed.url if isinstance(item, Page) else item.url
        try:
            if isinstance(item, Page):
                with self._session.holding(item):
                    await self._page(item)
            else:
                await self._unreadable(item, url, status=200)
        except AmparoError as error:
            self._session.broken(url, str(error))
        except Exception as error:
            log.exception("page not processed source=%s url=%s", self._session.source.id, url)
            self._session.broken(url, f"{type(error).__name__}: {error}")
        return url

    async def _page(self, page: Page) -> None:
        session = self._session
        if not session.take(page.listed):
            session.over_limit(page.listed)
            return
        session.received(page.listed)
        report = await session.reader.read(page, session.source)
        if isinstance(report, Quarantined):
            await self._unreadable(report, page.listed.url, status=page.status)
            return
        received = Received(
            status=page.status,
            content_type=page.content_type,
            etag=page.etag,
            last_modified=page.last_modified,
        )
        item = ReportItem(
            report=report, source=session.source, visit=session.visit_to(page), received=received
        )
        session.decided(page.listed.url, await session.writer.submit(item))

    async def _unreadable(self, quarantined: Quarantined, url: str, *, status: int) -> None:
        detail = f"{quarantined.step}: {quarantined.reason}"
        visit = self._session.visit_to_quarantined(url, status=status, detail=detail)
        result = await self._session.writer.submit(QuarantineItem(quarantined=quarantined, visit=visit))
        self._session.decided(url, quarantined if result is None else result)
