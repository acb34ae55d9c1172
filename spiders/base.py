"""The spider all kinds share: ask for index pages, then for the listed pages the session wants."""

import asyncio
import hashlib
import heapq
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, ClassVar

import scrapy
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from core.errors import DiscoveryError
from core.report import Listed, Page, Quarantined
from core.source import ListingParams, Source
from spiders.bodies import content_type_of, document_of_index_text, encoding_of, readable
from spiders.contract import Session, Wanted
from spiders.discovery.index import Index, IndexRequest, Reader, first_requests, newest_date
from spiders.failures import explain

OLDEST = datetime.min.replace(tzinfo=UTC)
INDEX_PRIORITY = 10
PAST_THE_END = (400, 404, 410)
"""What sites answer when asked for one page more than there is."""


__all__ = ["Session", "SourceSpider", "Wanted"]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


class SourceSpider(scrapy.Spider):
    """Crawls one source. A kind adds its reader, and its first requests where they differ."""

    name = "source"
    read_index: ClassVar[Reader]

    def __init__(self, *, source: Source, session: Session, **kwargs: Any) -> None:
        super().__init__(name=source.id, **kwargs)
        self.source = source
        self.session = session
        self._indexes_open = 0
        self._order = count()
        self._candidates: list[tuple[datetime, int, Listed, Wanted]] = []
        self._left = 0

    def first_requests(self) -> Iterable[IndexRequest]:
        """The index pages to begin with."""
        return first_requests(self.source, now=self.session.now())

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the first index pages."""
        first = tuple(self.first_requests())
        await self.session.look_up(wanted.url for wanted in first)
        self._indexes_open += len(first)
        for wanted in first:
            yield self._index_request(wanted)

    def _index_request(self, wanted: IndexRequest) -> scrapy.Request:
        conditional = self.session.index_headers(wanted.url) if wanted.method == "GET" else {}
        return scrapy.Request(
            wanted.url,
            method=wanted.method,
            headers={**wanted.headers, **conditional},
            body=wanted.body,
            callback=self.parse_index,
            errback=self.index_failed,
            cb_kwargs={"wanted": wanted},
            meta={"index": wanted, "handle_httpstatus_list": [304]},
            priority=INDEX_PRIORITY,
            dont_filter=True,
        )

    async def parse_index(self, response: Response, wanted: IndexRequest) -> AsyncIterator[Any]:
        """Read one index page: further index pages now, the listed ones when the last index is read."""
        if response.status == 304:
            self.session.index_unchanged(wanted.url)
        else:
            async for further in self._read_index(response, wanted):
                yield further
        for request in self._index_done():
            yield request

    async def _read_index(self, response: Response, wanted: IndexRequest) -> AsyncIterator[Any]:
        index = await self._index_of(response, wanted)
        if index is None:
            return
        # Validators of a page that was not read to its end would hide the rest from the next run.
        whole = wanted.method == "GET" and not index.partial
        self.session.index_read(
            wanted.url,
            etag=_header(response, "ETag") if whole else None,
            last_modified=_header(response, "Last-Modified") if whole else None,
            listed=len(index.listed),
            notes=index.notes,
        )
        await self.session.look_up(
            [*(listed.url for listed in index.listed), *(further.url for further in index.follow)]
        )
        for listed in index.listed:
            self._consider(listed)
        self._indexes_open += len(index.follow)
        for further in index.follow:
            yield self._index_request(further)

    async def _index_of(self, response: Response, wanted: IndexRequest) -> Index | None:
        """What an index page says, read off the event loop; None when it cannot be read."""
        charset = encoding_of(response.headers.get("Content-Type"))
        now, base = self.session.now(), response.url
        reader = type(self).read_index
        try:
            return await asyncio.to_thread(
                reader, response.body, wanted, self.source, now=now, charset=charset, base=base
            )
        except DiscoveryError as error:
            self.session.problem("discovery", url=wanted.url, detail=str(error))
        except Exception as error:
            # Whatever a hostile index makes a parser do, the run goes on and says so.
            self.logger.exception("index page could not be read")
            detail = f"the index page could not be read ({type(error).__name__}: {error})"
            self.session.problem("discovery", url=wanted.url, detail=detail)
        return None

    def index_failed(self, failure: Failure) -> Iterator[Any]:
        """Tell the session why an index page could not be fetched."""
        wanted: IndexRequest = failure.request.meta["index"]  # type: ignore[attr-defined]
        status = failure.value.response.status if isinstance(failure.value, HttpError) else None
        if wanted.guessed and status in PAST_THE_END:
            note = f"no page {wanted.page} (HTTP {status})"
            self.session.index_read(wanted.url, etag=None, last_modified=None, listed=0, notes=(note,))
        else:
            kind, detail = explain(failure)
            self.session.problem(kind, url=wanted.url, detail=detail)
        yield from self._index_done()

    def _consider(self, listed: Listed) -> None:
        """Keep a wanted address among the newest `max_items`; memory stays bounded by that number."""
        wanted = self.session.wants(listed)
        if wanted is None:
            return
        entry = (newest_date(listed) or OLDEST, -next(self._order), listed, wanted)
        if len(self._candidates) < self.source.politeness.max_items:
            heapq.heappush(self._candidates, entry)
        else:
            heapq.heappushpop(self._candidates, entry)
            self._left += 1

    def _index_done(self) -> Iterator[Any]:
        self._indexes_open -= 1
        if self._indexes_open > 0:
            return
        chosen = sorted(self._candidates, reverse=True)
        self._candidates = []
        for position, (_, _, listed, wanted) in enumerate(chosen):
            if self.session.limit_reached():
                self._left += len(chosen) - position
                break
            yield self._page_of_index(listed) or self._page_request(listed, wanted)
        if self._left:
            self.session.truncated(self._left)

    def _page_request(self, listed: Listed, wanted: Wanted) -> scrapy.Request:
        return scrapy.Request(
            wanted.url,
            headers=dict(wanted.headers),
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"listed": listed, "asked": wanted.url},
            meta={"listed": listed, "handle_httpstatus_list": [304, 404, 410]},
            dont_filter=True,
        )

    def parse_page(self, response: Response, listed: Listed, asked: str) -> Iterator[Page | Quarantined]:
        """One listed page: its bytes as received, or why it is not read."""
        etag, last_modified = _header(response, "ETag"), _header(response, "Last-Modified")
        if response.status == 304:
            self.session.not_modified(listed, etag=etag, last_modified=last_modified)
            return
        if response.status in (404, 410):
            self.session.gone(listed, url=asked, status=response.status)
            return
        declared = response.headers.get("Content-Type")
        content_type = content_type_of(declared, response.body)
        digest = hashlib.sha256(response.body).hexdigest()
        page = Page(
            source_id=self.source.id,
            url_requested=asked,
            url=response.url,
            listed=listed,
            fetched_at=self.session.now(),
            status=response.status,
            content_type=content_type,
            body=response.body,
            digest=digest,
            encoding=encoding_of(declared),
            etag=etag,
            last_modified=last_modified,
        )
        yield self.document(page)

    def document(self, page: Page) -> Page | Quarantined:
        """What is handed on of a page that arrived: itself, when a report can be read from its type."""
        if readable(page.content_type):
            return page
        reason = f"content type {page.content_type} is not read"
        return Quarantined(
            source_id=page.source_id,
            url=page.url_requested,
            step="receive",
            reason=reason,
            digest=page.digest,
        )

    def page_failed(self, failure: Failure) -> None:
        """Tell the session why a listed page could not be fetched."""
        kind, detail = explain(failure)
        listed: Listed = failure.request.meta["listed"]  # type: ignore[attr-defined]
        self.session.problem(kind, url=listed.url, detail=detail, listed=listed)

    def _page_of_index(self, listed: Listed) -> Page | None:
        """The page an index already carries in full, when the source file says to take it from there."""
        params = self.source.params
        content = "page" if isinstance(params, ListingParams) else params.content
        if content == "page" or (content != "index" and not listed.html.strip()):
            return None
        body = document_of_index_text(listed)
        return Page(
            source_id=self.source.id,
            url_requested=listed.url,
            url=listed.url,
            listed=listed,
            fetched_at=self.session.now(),
            status=200,
            content_type="text/html",
            body=body,
            digest=hashlib.sha256(body).hexdigest(),
            encoding="utf-8",
        )
