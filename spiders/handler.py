"""The one way out: no faster, no more at once and nowhere else than a request may go."""

import asyncio
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from spiders.quiet import SHORT_WAIT, retry_after
from spiders.resolver import private_network
from spiders.session import RunEnded, session_of


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, behind the guarded resolver and our own gate.

    The gate is here because Scrapy's counts a download when its task begins to run, so that a
    burst passes its limit; and because it knows nothing of the other crawls of this command.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = session_of(crawler)
        most = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(most))

    async def download_request(self, request: Request) -> Response:
        """Download `request` when its host may be asked."""
        parts = urlsplit(request.url)
        async with self._gates[parts.netloc]:
            if "listed" in request.meta:
                await self._session.command.backlog.room()
            await self._session.quiet.turn(parts.netloc, self._delay(parts.hostname or ""))
            if self._session.stopping:
                raise RunEnded
            # Twisted asks for addresses while the parent's method begins, before anything else
            # runs, so the permission holds for this connection and for no other.
            with private_network(self._session.source.allow_private_network):
                response = await super().download_request(request)
            self._heed(response, parts.netloc)
            return response

    def _heed(self, response: Response, host: str) -> None:
        """Leave a host that asks for a moment alone, before the next request passes the gate."""
        header = response.headers.get("Retry-After")
        if header and response.status in (429, 503):
            wait = retry_after(header.decode("latin-1"), self._session.now())
            if wait is not None:
                self._session.quiet.until(host, min(wait.total_seconds(), SHORT_WAIT))

    def _delay(self, host: str) -> float:
        downloader = self._crawler.engine.downloader
        slot = downloader.per_slot_settings.get(host, {})
        return float(slot.get("delay", downloader.settings.getfloat("DOWNLOAD_DELAY")))
