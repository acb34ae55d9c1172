"""Sources of the kind sitemap."""

from spiders.base import SourceSpider
from spiders.discovery import sitemap


class SitemapSpider(SourceSpider):
    """Finds addresses by the reader in `spiders/discovery/sitemap.py`."""

    read_index = staticmethod(sitemap.read)
