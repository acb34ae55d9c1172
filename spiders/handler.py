"""The one way out: waits while a host asked for quiet, and says what the connection may reach."""

from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from spiders.resolver import private_network
from spiders.session import session_of


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https behind the guarded resolver.

    Twisted asks for addresses while `download_request` of the parent begins, before anything
    else runs, so the permission below holds for this connection and for no other.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = session_of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Download `request` once its host may be asked again."""
        await self._session.quiet.wait(urlsplit(request.url).netloc)
        with private_network(self._session.source.allow_private_network):
            return await super().download_request(request)
