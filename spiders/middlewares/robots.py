"""robots.txt per RFC 9309: fetched once an origin, and nobody passes before it is read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from core.source import Source
from spiders.robots import Rules, read_rules
from spiders.session import RunEnded, session_of

log = logging.getLogger(__name__)

FETCH_SECONDS = 20.0
MARK = "robots"

Fetch = Callable[[Request], Awaitable[Response]]


class Disallowed(IgnoreRequest):
    """robots.txt does not let us fetch this address."""

    problem_kind = "robots"


class RobotsGuard:
    """Asks robots.txt before every request, also after a redirect, also for index pages."""

    def __init__(
        self,
        fetch: Fetch,
        known: MutableMapping[str, Rules],
        slow_down: Callable[[str, float], None],
        arranged: frozenset[str] = frozenset(),
    ) -> None:
        self._arranged = arranged
        self._fetch = fetch
        self._known = known
        self._slow_down = slow_down
        self._under_way: dict[str, asyncio.Task[Rules]] = {}
        self._slowed: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        def slow_down(host: str, delay: float) -> None:
            _slow_down(crawler, host, delay)

        async def fetch(request: Request) -> Response:
            return await crawler.engine.download_async(request)

        session = session_of(crawler)
        return cls(fetch, session.command.robots, slow_down, arranged_origins(session.source))

    async def process_request(self, request: Request) -> None:
        """Wait for the rules of the request's origin; raise Disallowed when they say no."""
        if MARK in request.meta:
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self._arranged and "index" in request.meta:
            return
        rules = self._known.get(origin) or await self._rules(origin)
        if rules.delay and origin not in self._slowed:
            self._slowed.add(origin)
            self._slow_down(parts.hostname or "", rules.delay)
        reason = rules.refusal(request.url)
        if reason:
            raise Disallowed(f"{request.url}: {reason}")

    async def _rules(self, origin: str) -> Rules:
        task = self._under_way.get(origin)
        if task is None:
            task = asyncio.ensure_future(self._read(origin))
            self._under_way[origin] = task
            task.add_done_callback(lambda _: self._under_way.pop(origin, None))
        # One waiting request that is given up must not take the answer from the others.
        return await asyncio.shield(task)

    async def _read(self, origin: str) -> Rules:
        meta: dict[str, Any] = {
            MARK: True,
            "download_timeout": FETCH_SECONDS,
            "handle_httpstatus_list": [304],
        }
        request = Request(f"{origin}/robots.txt", meta=meta, callback=NO_CALLBACK, dont_filter=True)
        try:
            response = await self._fetch(request)
            rules = read_rules(response.status, response.body)
        except RunEnded:
            raise
        except IgnoreRequest as error:
            # Section 2.3.1.2: after five redirects the file may count as unavailable.
            many = "redirections" in str(error)
            rules = Rules() if many else Rules(closed=f"robots.txt cannot be read: {error}")
        except Exception as error:
            rules = Rules(closed=f"robots.txt cannot be read: {error or type(error).__name__}")
        if rules.closed:
            log.warning("robots.txt closed origin=%s reason=%s", origin, rules.closed)
        self._known[origin] = rules
        return rules


def arranged_origins(source: Source) -> frozenset[str]:
    """The origins whose API we may use with our own key although robots.txt closes them to crawlers."""
    parts = map(urlsplit, source.params.urls if source.arrangement else ())
    return frozenset(f"{part.scheme}://{part.netloc}" for part in parts)


def _slow_down(crawler: Crawler, host: str, delay: float) -> None:
    """Make `delay` the least time between two requests to `host` in this crawl, one at a time."""
    downloader = crawler.engine.downloader
    delay = max(delay, crawler.settings.getfloat("DOWNLOAD_DELAY"))
    # A slot is thrown away after a quiet minute, so the delay is kept for its successor as well.
    downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1, "jitter": 0.0}
    slot = downloader.slots.get(host)
    if slot is not None:
        slot.delay, slot.concurrency, slot.jitter = delay, 1, 0.0
