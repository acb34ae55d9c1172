"""Patience: try again after a passing failure, wait when asked to, give up when told to."""

import random
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from twisted.internet.error import ConnectionDone, ConnectionLost

from spiders.quiet import SHORT_WAIT, retry_after
from spiders.session import CrawlSession, session_of

ATTEMPTS = 3
"""Requests for one address in one run, the first included."""

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
PASSING_ERRORS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    ConnectionDone,
    ConnectionLost,
)


class ComeBackLater(IgnoreRequest):
    """The server asks us to come back later."""

    problem_kind = "blocked"


class BadCertificate(IgnoreRequest):
    """The certificate of the site does not prove who it is."""

    problem_kind = "failed"


def backoff(attempt: int, base: float) -> float:
    """Seconds before attempt number `attempt` + 1: base, three times base, each ± a quarter."""
    return base * 3.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


class Patience:
    """Retries within one run, politely: it is the host that is left alone, not one address."""

    def __init__(self, session: CrawlSession, base: float) -> None:
        self._session = session
        self._base = base

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(session_of(crawler), crawler.settings.getfloat("AMPARO_BACKOFF_SECONDS", 1.0))

    async def process_request(self, request: Request) -> None:
        """Raise ComeBackLater while an earlier answer asked us to stay away from this address."""
        until = self._session.closed_until(request.url)
        if until is not None:
            raise ComeBackLater(f"asked to come back after {until:%Y-%m-%d %H:%M} UTC")

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """The answer, or the request again; ComeBackLater after a long Retry-After."""
        if response.status not in PASSING_STATUSES:
            return response
        header = response.headers.get("Retry-After")
        now = self._session.now()
        wait = retry_after(header.decode("latin-1") if header else None, now)
        if wait is not None and wait.total_seconds() > SHORT_WAIT:
            until = now + wait
            self._session.close_until(request.url, until)
            raise ComeBackLater(
                f"HTTP {response.status}, asked to come back after {until:%Y-%m-%d %H:%M} UTC"
            )
        again = await self._again(request, wait.total_seconds() if wait is not None else None)
        return again or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request again after a passing failure of the network, or None."""
        if "certificate verify failed" in str(exception):
            raise BadCertificate(
                f"the certificate of {urlsplit(request.url).netloc} is not valid"
            ) from exception
        if not isinstance(exception, PASSING_ERRORS):
            return None
        return await self._again(request, None)

    async def _again(self, request: Request, wait: float | None) -> Request | None:
        attempt = request.meta.get("attempt", 1)
        if attempt >= ATTEMPTS or self._session.stopping:
            return None
        if wait is None:
            await self._session.sleep(backoff(attempt, self._base))
        else:
            # The handler has told the whole host to be left alone.
            await self._session.quiet.wait(urlsplit(request.url).netloc)
        if self._session.stopping:
            return None
        again: Request = request.copy()
        again.meta["attempt"] = attempt + 1
        again.dont_filter = True
        return again
