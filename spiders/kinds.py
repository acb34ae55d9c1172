"""Which spider crawls which source."""

from collections.abc import Mapping
from datetime import datetime

from core.source import Kind, Source
from spiders.api import ApiSpider
from spiders.base import SourceSpider
from spiders.bespoke.ice_statistics import IceStatisticsSpider
from spiders.discovery.index import IndexRequest, first_requests
from spiders.discovery.paging import first_api_requests
from spiders.feed import FeedSpider
from spiders.listing import ListingSpider
from spiders.sitemap import SitemapSpider

SPIDERS: Mapping[Kind, type[SourceSpider]] = {
    Kind.FEED: FeedSpider,
    Kind.SITEMAP: SitemapSpider,
    Kind.LISTING: ListingSpider,
    Kind.API: ApiSpider,
}

BESPOKE: Mapping[str, type[SourceSpider]] = {"ice-detention-statistics": IceStatisticsSpider}
"""The spiders that a source file may name; sources/values.py says of which kind each is."""


def spider_of(source: Source) -> type[SourceSpider]:
    """The spider that a source names, else that of its kind."""
    return BESPOKE[source.spider] if source.spider else SPIDERS[source.kind]


def first_requests_of(source: Source, *, now: datetime) -> tuple[IndexRequest, ...]:
    """The requests a crawl of the source begins with."""
    read = first_api_requests if source.kind is Kind.API else first_requests
    return read(source, now=now)
