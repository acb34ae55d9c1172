"""A subscriber and what was asked for: the values that alerts decide on and the stores keep."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InputError


class Channel(StrEnum):
    """How a digest reaches its reader."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    FEED = "feed"


class Frequency(StrEnum):
    """When a digest is due; days and weeks are those of the subscriber's zone."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriberState(StrEnum):
    """Only an active subscriber is written to. For a paused one matches are kept, not sent."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"


class SubscriptionState(StrEnum):
    """An ended subscription keeps its history, so that nothing comes twice under another one."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    ENDED = "ended"


LANGUAGES = ("en", "es")

URGENCY = {Frequency.AT_ONCE: 0, Frequency.DAILY: 1, Frequency.WEEKLY: 2}
"""The order in which one subscriber's subscriptions take what several of them match."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """One recipient: a mail address, a webhook's address or a private feed.

    `revision` rises with every digest prepared, so that two processes never prepare the same one.
    `notice_to` is the mail address told when a webhook is paused.
    """

    id: int
    channel: Channel
    address: str
    language: str
    timezone: str
    state: SubscriberState
    created_at: datetime
    confirmed_at: datetime | None = None
    asked_at: datetime | None = None
    bounces: int = 0
    paused_reason: str = ""
    notice_to: str | None = None
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """A saved search and when its news is due.

    `cursor` is the number of the last event matched, `last_period` the local date (ISO) of the
    last dated digest, `sequence` how many digests were prepared. `weekday`: Monday is 0.
    `allow_personal`: the operator lets personal data through to this reader unmasked.
    """

    id: int
    subscriber_id: int
    name: str
    query: str
    frequency: Frequency
    hour: int
    weekday: int
    state: SubscriptionState
    created_at: datetime
    even_if_empty: bool = False
    allow_personal: bool = False
    cursor: int = 0
    activated_at: datetime | None = None
    last_period: str = ""
    last_prepared_at: datetime | None = None
    sequence: int = 0


_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def mail_address(written: str) -> str:
    """One mail address, its domain in lower case and in ASCII. Raises InputError.

    A single plain address and nothing else: no display name, list, quoting or line break can
    reach a mail header through it.
    """
    address = written.strip()
    local, at, domain = address.rpartition("@")
    if at and not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            domain = ""
    address = f"{local}@{domain.lower()}"
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or len(local) > 64:
        raise InputError(f"{written!r}: expected one mail address such as name@example.org")
    return address


def webhook_address(written: str) -> str:
    """An https address without user name, password or fragment. Raises InputError."""
    url = written.strip()
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and parts.hostname and parts.username is None and not parts.fragment
        _ = parts.port
    except ValueError:
        plain = False
    if not plain or not url.isascii() or _CONTROL.search(url) or " " in url:
        raise InputError(f"{written!r}: expected an address such as https://example.org/hook")
    return url


def zone_name(written: str) -> str:
    """A time zone of the IANA database. Raises InputError."""
    try:
        return ZoneInfo(written.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"{written!r}: expected a time zone such as America/El_Salvador") from None


def one_line(text: str, longest: int = 200) -> str:
    """Text fit for a header or a name: control characters become spaces, the end is cut."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"
