"""Sources of the kind api."""

from collections.abc import Iterable

from spiders.base import SourceSpider
from spiders.discovery import api
from spiders.discovery.index import IndexRequest
from spiders.discovery.paging import first_api_requests


class ApiSpider(SourceSpider):
    """Finds addresses by the reader in `spiders/discovery/api.py`."""

    read_index = staticmethod(api.read)

    def first_requests(self) -> Iterable[IndexRequest]:
        """One request an address, with the parameters of the source file."""
        return first_api_requests(self.source, now=self.session.now())
