"""Sources of the kind listing."""

from spiders.base import SourceSpider
from spiders.discovery import listing


class ListingSpider(SourceSpider):
    """Finds addresses by the reader in `spiders/discovery/listing.py`."""

    read_index = staticmethod(listing.read)
