"""Pages that were received and are not stored yet: what holds the downloads back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MOST_PAGES = 64
MOST_BYTES = 64 * 1024 * 1024
"""Enough to keep the extraction and the writer busy. Scrapy's own limit counts a small page as one
kilobyte, and lets thousands of them in, each with its tasks."""


class Backlog:
    """Counts the pages of one process between the network and the database."""

    def __init__(self) -> None:
        self.pages = self.bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """A page of `size` bytes is in hand inside."""
        self._add(1, size)
        try:
            yield
        finally:
            self._add(-1, -size)

    def _add(self, pages: int, size: int) -> None:
        self.pages += pages
        self.bytes += size
        if self.pages < MOST_PAGES and self.bytes < MOST_BYTES:
            self._room.set()
        else:
            self._room.clear()

    async def room(self) -> None:
        """Return when another page may be fetched."""
        await self._room.wait()
