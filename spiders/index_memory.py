"""The index pages of one run: their validators, kept back until all that they listed is stored."""

import hashlib
from collections.abc import Iterator

from core.source import Source
from db.visits import Visit

OUTCOME = "index"


def index_key(source: Source) -> str:
    """Names how a source reads its index pages: validators kept under another name are not used.

    After a change to the source file an unchanged index may list addresses that are new to us.
    """
    said = repr((source.id, source.params)).encode()
    return f"index read as {hashlib.sha256(said).hexdigest()[:16]}"


class IndexMemory:
    """Which index pages were read, and under which validators."""

    def __init__(self, source: Source) -> None:
        self.unchanged = 0
        self.key = index_key(source)
        self._read: dict[str, tuple[str | None, str | None]] = {}

    def usable(self, visit: Visit | None) -> bool:
        """Whether the validators of that visit are those of this source's last complete reading."""
        return visit is not None and visit.outcome == OUTCOME and visit.detail == self.key

    def read(self, url: str, etag: str | None, last_modified: str | None) -> None:
        """An index page was read whole."""
        if etag or last_modified:
            self._read[url] = (etag, last_modified)

    def validators(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Address, ETag and Last-Modified of each index page that was read."""
        for url, (etag, last_modified) in self._read.items():
            yield url, etag, last_modified
