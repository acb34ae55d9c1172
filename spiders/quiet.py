"""Hosts that asked to be left alone for a moment, and sleeps that end when the crawl stops."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Quiet:
    """Until when each host is left alone, on the clock of the running loop.

    `stopping` is set when the crawl is to end; nobody sleeps on after that.
    """

    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _until: dict[str, float] = field(default_factory=dict)

    def until(self, host: str, seconds: float) -> None:
        """Leave `host` alone for `seconds` from now, or for longer if that was asked before."""
        moment = asyncio.get_running_loop().time() + seconds
        self._until[host] = max(moment, self._until.get(host, 0.0))

    async def wait(self, host: str) -> None:
        """Return when `host` may be asked again."""
        loop = asyncio.get_running_loop()
        while (left := self._until.get(host, 0.0) - loop.time()) > 0 and not self.stopping.is_set():
            await self.sleep(left)

    async def sleep(self, seconds: float) -> None:
        """Sleep, or return at once when the crawl stops."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
