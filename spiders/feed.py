"""Sources of the kind feed."""

from spiders.base import SourceSpider
from spiders.discovery import feed


class FeedSpider(SourceSpider):
    """Finds addresses by the reader in `spiders/discovery/feed.py`."""

    read_index = staticmethod(feed.read)
