"""What an index page gives, whatever its kind: listed addresses, further index pages, notes.

Every kind has one module beside this one with the same function:

    read(body: bytes, request: IndexRequest, source: Source, *, now: datetime,
         charset: str | None = None, base: str | None = None) -> Index

`charset` is what the HTTP header said, `base` the address after redirects. It raises
DiscoveryError when the body is not of the form the source file promises.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from core.dates import DateKind
from core.report import Listed
from core.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexRequest:
    """One index page to fetch. `page` counts from 1 along a paging chain, `depth` from 0 in a sitemap tree.

    `chain` holds the addresses, cursors and contents this chain has met, so that a loop is seen.
    `guessed` is true when nothing on the page before said that there is one more; `full` is how
    many items a full page of the chain has, 0 while unknown.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    page: int = 1
    depth: int = 0
    chain: frozenset[str] = frozenset()
    guessed: bool = False
    full: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """What one index page said.

    `notes` are sentences for the operator; `partial` is true when something that should have
    been read could not be (a truncated feed, paging that stopped early).
    """

    listed: tuple[Listed, ...]
    follow: tuple[IndexRequest, ...] = ()
    notes: tuple[str, ...] = ()
    partial: bool = False


Reader = Callable[..., Index]

_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: no address has them, and no database takes them."""


def web_address(base: str, written: str | None) -> str | None:
    """The absolute http(s) address of a link, or None for an empty, fragment-only or other one."""
    link = (written or "").strip()
    if not link or link.startswith("#"):
        return None
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not usable or _UNWRITABLE.search(url):
        return None
    return url


def select(
    found: Iterable[Listed], *, include: str | None, exclude: str | None
) -> tuple[tuple[Listed, ...], list[str]]:
    """The listed addresses a source asks for, each once, with notes on what was left out.

    An address that occurs again fills in what its first occurrence lacked: listings often link
    a picture first and the headline after it.
    """
    wanted = re.compile(include) if include else None
    unwanted = re.compile(exclude) if exclude else None
    kept: dict[str, Listed] = {}
    left_out: Counter[str] = Counter()
    for listed in found:
        known = kept.get(listed.url)
        if known is not None:
            kept[listed.url] = _merge(known, listed)
            left_out["listed again"] += 1
        elif wanted and not wanted.search(listed.url):
            left_out["not matching include"] += 1
        elif unwanted and unwanted.search(listed.url):
            left_out["matching exclude"] += 1
        else:
            kept[listed.url] = listed
    return tuple(kept.values()), [f"{count} {reason}" for reason, count in left_out.items()]


def _merge(first: Listed, again: Listed) -> Listed:
    return replace(
        first,
        title=first.title or again.title,
        summary=first.summary or again.summary,
        html=first.html or again.html,
        dates=first.dates or again.dates,
        authors=first.authors or again.authors,
    )


def newest_date(listed: Listed) -> datetime | None:
    """The date to sort by: the publication claimed, else the change claimed."""
    for kind in (DateKind.PUBLISHED, DateKind.MODIFIED):
        values = [claim.value for claim in listed.dates if claim.kind is kind]
        if values:
            return max(values)
    return None


def fill_day(written: str, source: Source, now: datetime) -> str:
    """`{year}`, `{month}`, `{day}` and `{hour}` in an index address become the present ones, in the
    source's zone; `{term}` the two figures of the Supreme Court's term, which begins in October.
    """
    if "{" not in written:
        return written
    today = now.astimezone(ZoneInfo(source.timezone))
    for name, format_ in (("year", "%Y"), ("month", "%m"), ("day", "%d"), ("hour", "%H")):
        written = written.replace("{" + name + "}", today.strftime(format_))
    return written.replace("{term}", f"{_term(today.date()) % 100:02}")


def _term(day: date) -> int:
    """The year in which the term of a day began: terms begin on the first Monday of October (28 USC 2)."""
    october = date(day.year, 10, 1)
    first_monday = october + timedelta(days=-october.weekday() % 7)
    return day.year if day >= first_monday else day.year - 1


def first_requests(source: Source, *, now: datetime) -> tuple[IndexRequest, ...]:
    """The index pages a crawl of the source begins with (an API has its own)."""
    return tuple(IndexRequest(url=fill_day(url, source, now)) for url in source.params.urls)
