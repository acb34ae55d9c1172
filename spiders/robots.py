"""What a robots.txt means for us, per RFC 9309. Pure; the middleware of that name fetches it."""

from dataclasses import dataclass

from protego import Protego

TOKEN = "Amparo"  # noqa: S105 - the name of a crawler
"""The product token by which robots.txt addresses us."""

READ_BYTES = 500 * 1024
"""How much of the file is read: the least that RFC 9309 section 2.5 asks for."""

LONGEST_DELAY = 60.0
"""Seconds of Crawl-delay honoured; a site that asks for more is crawled at this pace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What one robots.txt means for us. `closed` says why nothing at all may be fetched."""

    parser: Protego | None = None
    closed: str = ""

    @property
    def delay(self) -> float:
        """Seconds between two requests that the site asks for, 0 if it asks for none."""
        asked = self.parser.crawl_delay(TOKEN) if self.parser else None
        return min(max(float(asked or 0), 0.0), LONGEST_DELAY)

    def refusal(self, url: str) -> str | None:
        """Why `url` may not be fetched, or None."""
        if self.closed:
            return self.closed
        if self.parser is not None and not self.parser.can_fetch(url, TOKEN):
            return "robots.txt disallows this address"
        return None


def read_rules(status: int, body: bytes) -> Rules:
    """What an answer to the request for robots.txt means (RFC 9309, section 2.3.1).

    2xx: as it says. 4xx: everything is allowed, 429 excepted, which is a busy server. Anything
    else: nothing is allowed.
    """
    if 200 <= status < 300:
        text = body[:READ_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        return Rules(parser=Protego.parse(text))
    if 400 <= status < 500 and status != 429:
        return Rules()
    return Rules(closed=f"robots.txt answered {status}, so nothing may be fetched")
