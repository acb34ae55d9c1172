"""Keeps `amparo crawl --limit N`: no more than N new addresses are asked for."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request

from core.report import Listed
from spiders.session import LEFT, CrawlSession, session_of


class OverLimit(IgnoreRequest):
    """The limit of new reports for this command is used up."""

    problem_kind = LEFT


class NewReportLimit:
    """Counts where a request goes out, so the newest listed come first whatever the source."""

    def __init__(self, session: CrawlSession) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(session_of(crawler))

    def process_request(self, request: Request) -> None:
        """Raise OverLimit for a new address beyond the limit."""
        listed = request.meta.get("listed")
        if isinstance(listed, Listed) and not self._session.take(listed):
            raise OverLimit("beyond the limit of new reports")
