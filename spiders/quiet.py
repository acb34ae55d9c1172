"""Hosts that asked to be left alone for a moment, and sleeps that end when the crawl stops."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

SHORT_WAIT = 30.0
"""Seconds of Retry-After that are waited out; a longer one is left to a later run."""

LONGEST_WAIT = timedelta(days=7)
"""A Retry-After beyond this is a mistake of the server and is cut."""


def retry_after(written: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After header (seconds or an HTTP date) asks to wait; None if unreadable."""
    value = (written or "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value), 10**8)), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        return min(max(moment.astimezone(now.tzinfo) - now, timedelta(0)), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None


@dataclass(slots=True)
class Quiet:
    """Until when each host is left alone, on the clock of the running loop.

    `stopping` is set when the crawl is to end; nobody sleeps on after that.
    """

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _until: dict[str, float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def until(self, host: str, seconds: float) -> None:
        """Leave `host` alone for `seconds` from now, or for longer if that was asked before."""
        moment = asyncio.get_running_loop().time() + seconds
        self._until[host] = max(moment, self._until.get(host, 0.0))

    async def wait(self, host: str) -> None:
        """Return when `host` may be asked again."""
        loop = asyncio.get_running_loop()
        while (left := self._until.get(host, 0.0) - loop.time()) > 0 and not self.stopping.is_set():
            await self.sleep(left)

    async def turn(self, host: str, delay: float) -> None:
        """Return when it is this caller's turn to ask `host`: `delay` seconds after the one before.

        Whoever asks, so that two sources whose reports stand on one host do not ask it twice as
        often.
        """
        loop = asyncio.get_running_loop()
        mine = max(loop.time(), self._next.get(host, 0.0))
        self._next[host] = mine + delay
        if mine > loop.time():
            await self.sleep(mine - loop.time())
        await self.wait(host)

    async def sleep(self, seconds: float) -> None:
        """Sleep, or return at once when the crawl stops."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
