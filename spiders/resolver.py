"""Names to addresses, where every connection of the crawler takes them from.

Twisted asks this resolver for names and for literal addresses alike, each time it connects, and
connects to nothing that it does not return. So this is the place where a private address stops,
also when a name changes its answer between two questions (DNS rebinding).
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from spiders.addresses import IPAddress, is_public

SECONDS = 20.0
"""How long a name may take; glibc itself gives up after 5 seconds a server and two rounds."""

FRESH_SECONDS = 60.0
"""How long an answer is reused within one process; short, as names move."""

_private: ContextVar[bool] = ContextVar("private_network_allowed", default=False)


@contextlib.contextmanager
def private_network(allowed: bool) -> Iterator[None]:
    """Connections begun inside may lead to private addresses if `allowed`; else never."""
    token = _private.set(allowed)
    try:
        yield
    finally:
        _private.reset(token)


@implementer(IHostResolution)
@dataclass(slots=True)
class _Resolution:
    """One question under way, as Twisted wants to see it."""

    name: str
    task: "asyncio.Task[None] | None" = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


@implementer(IHostnameResolver)
@dataclass(slots=True)
class GuardedResolver:
    """The system's resolver without the private addresses, and a short memory of its answers."""

    seconds: float = SECONDS
    _memory: dict[str, tuple[float, tuple[IPAddress, ...]]] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def addresses(self, host: str) -> tuple[IPAddress, ...]:
        """Every address of `host`, private ones too; empty when there is none."""
        loop = asyncio.get_running_loop()
        known = self._memory.get(host)
        if known and known[0] > loop.time():
            return known[1]
        try:
            async with asyncio.timeout(self.seconds):
                rows = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError):
            return ()
        found = tuple(dict.fromkeys(ipaddress.ip_address(row[4][0]) for row in rows))
        self._memory[host] = (loop.time() + FRESH_SECONDS, found)
        return found

    def resolveHostName(  # noqa: N802 - the name Twisted's interface has
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Answer Twisted. Without a permitted address the connection fails as a failed look-up."""
        allowed = _private.get()
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)  # type: ignore[call-arg, misc]
        task = asyncio.ensure_future(self._answer(resolutionReceiver, hostName, portNumber, allowed))
        resolution.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return resolution  # type: ignore[return-value]

    async def _answer(self, receiver: IResolutionReceiver, host: str, port: int, allowed: bool) -> None:
        try:
            for address in await self.addresses(host):
                if allowed or is_public(address):
                    kind = IPv4Address if address.version == 4 else IPv6Address
                    receiver.addressResolved(kind("TCP", str(address), port))  # type: ignore[call-arg, misc]
        finally:
            receiver.resolutionComplete()  # type: ignore[misc]
