"""Egress guard: the crawler connects to public addresses only, whatever a link says.

An address is judged twice. Here, before each request (so also for robots.txt and after each
redirect), to say clearly what was refused; and in `spiders/resolver.py`, where the connection
takes its addresses from, so that a name that changes its answer in between leads nowhere.
"""

import re
from typing import Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from core.errors import EgressRefused
from core.source import Source
from spiders.addresses import is_public, literal_address
from spiders.resolver import GuardedResolver

_NAME = re.compile(r"[a-z0-9_][a-z0-9._-]*", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def port_of(url: str) -> int | None:
    """The port an http(s) address leads to, None when it cannot be read."""
    parts = urlsplit(url)
    try:
        return _PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        return None


def malformed(url: str) -> str | None:
    """Why the address is none that anybody may visit, private network or not, or None."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        return f"scheme {parts.scheme!r}"
    if "@" in parts.netloc or "\\" in url:
        return "a user name or a backslash in the address"
    literal = literal_address(parts.hostname or "")
    mapped = getattr(literal, "ipv4_mapped", None) or literal
    if mapped is not None and mapped.is_link_local:
        # Where clouds hand out the credentials of a machine; no site of an office is there.
        return f"{literal} is link-local"
    return None


def refusal(url: str, ports: frozenset[int]) -> str | None:
    """Why the address itself (no look-up) may not be visited, or None. `ports` are allowed."""
    if reason := malformed(url):
        return reason
    host = urlsplit(url).hostname or ""
    literal = literal_address(host)
    if literal is None and not _NAME.fullmatch(host):
        return f"host {host!r}"
    if literal is not None and not is_public(literal):
        return f"{literal} is not public"
    if port_of(url) not in ports:
        return f"port {port_of(url)}"
    return None


class EgressGuard:
    """Refuses requests that lead inside. A source with `allow_private_network` is exempt."""

    def __init__(self, source: Source, resolver: GuardedResolver) -> None:
        own = {port_of(url) for url in source.params.urls}
        self._ports = frozenset({80, 443} | {port for port in own if port})
        self._exempt = source.allow_private_network
        self._resolver = resolver

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = crawler.spider
        return cls(spider.source, spider.session.resolver)  # type: ignore[union-attr]

    async def process_request(self, request: Request) -> None:
        """Raise EgressRefused with the address and what it leads to."""
        reason = malformed(request.url) if self._exempt else refusal(request.url, self._ports)
        if reason:
            raise EgressRefused(f"{request.url}: {reason}")
        if self._exempt:
            return
        host = urlsplit(request.url).hostname or ""
        addresses = await self._resolver.addresses(host)
        if addresses and not any(map(is_public, addresses)):
            raise EgressRefused(f"{request.url}: {host} is {addresses[0]}, not public")
