"""Which spider crawls which kind of source."""

from collections.abc import Mapping

from core.source import Kind
from spiders.api import ApiSpider
from spiders.base import SourceSpider
from spiders.feed import FeedSpider
from spiders.listing import ListingSpider
from spiders.sitemap import SitemapSpider

SPIDERS: Mapping[Kind, type[SourceSpider]] = {
    Kind.FEED: FeedSpider,
    Kind.SITEMAP: SitemapSpider,
    Kind.LISTING: ListingSpider,
    Kind.API: ApiSpider,
}
