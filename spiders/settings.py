"""Scrapy's settings for one source, each with its reason: many defaults do not suit a monitor."""

from typing import Any
from urllib.parse import urlsplit

from scrapy.settings.default_settings import EXTENSIONS_BASE

from core.source import Politeness, Source
from spiders.addresses import literal_address

MAX_BODY = 30 * 1024 * 1024
"""Bytes of one answer, also after decompression. Court files reach 20 MB; a bomb stops here."""

REQUEST_SECONDS = 45
"""From the connection to the last byte of one answer, so that a trickling body ends too."""

MAX_REDIRECTS = 5
"""As many as RFC 9309 asks of robots.txt; a longer chain is a loop or a login."""

HANDLER = "spiders.handler.GuardedHandler"

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    # Requests pass from top to bottom, answers from bottom to top.
    "spiders.middlewares.limit.NewReportLimit": 10,
    "spiders.middlewares.egress.EgressGuard": 100,
    "spiders.middlewares.robots.RobotsGuard": 200,
    "spiders.middlewares.retry.Patience": 550,
    "spiders.middlewares.challenge.ChallengeGuard": 570,
    # Ours replace the first two. Cookies would let a site follow us and make answers depend on
    # earlier ones. A meta refresh is how challenge pages lead on. A proxy named in the environment
    # would make the egress guard look at the wrong address. The others have no use here.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}

SPIDER_MIDDLEWARES: dict[str, int | None] = {
    # Would drop a long address without a word. The others have no use here.
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}


def pace(source: Source) -> tuple[float, int]:
    """Seconds between two requests to one host, and how many may be under way.

    A source on this very machine whose file asks for nothing else is not made to wait.
    """
    hosts = [literal_address(urlsplit(url).hostname or "") for url in source.params.urls]
    if source.politeness == Politeness() and all(host is not None and host.is_loopback for host in hosts):
        return 0.0, 4
    return source.politeness.delay_seconds, source.politeness.concurrency


def crawl_settings(source: Source, *, user_agent: str) -> dict[str, Any]:
    """The whole of what a crawl of `source` changes in Scrapy's defaults."""
    delay, concurrency = pace(source)
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        # Two doors into the running process that nobody here uses.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "EXTENSIONS": dict.fromkeys(EXTENSIONS_BASE),
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        # Only the web: a link to file:, data:, ftp: or s3: is never followed.
        "DOWNLOAD_HANDLERS": {
            "http": HANDLER,
            "https": HANDLER,
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        # Scrapy does not verify by default; a report must come from whom it says.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",
        "DOWNLOAD_MAXSIZE": MAX_BODY,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": REQUEST_SECONDS,
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        # No site learns from us which page or index led to it.
        "REFERRER_POLICY": "no-referrer",
        "USER_AGENT": user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "es,en;q=0.9",
        },
        "DOWNLOAD_DELAY": delay,
        # The delay is a promise to the site: it is not shortened at random.
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "CONCURRENT_REQUESTS": max(8, 2 * concurrency),
        "CONCURRENT_ITEMS": 16,
        # Pages in hand are limited by spiders/backlog.py, by number and size. This one would count
        # a large index page as well, and with it stop the downloads it waits for.
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 8 * MAX_BODY,
        # The session knows what this run asked for, over all its sources; Scrapy's own filter
        # would swallow a redirect to an address already seen, without a word.
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        # First listed, first fetched: a spider lists the newest first.
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "STATS_DUMP": False,
        "DOWNLOADER_STATS": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "LOG_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": dict(DOWNLOADER_MIDDLEWARES),
        "SPIDER_MIDDLEWARES": dict(SPIDER_MIDDLEWARES),
        "ITEM_PIPELINES": {"pipeline.item_pipeline.ItemPipeline": 100},
    }
