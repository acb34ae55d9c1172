"""Dates are claims: each keeps where it was read, how precise it is and what was written."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Precision(StrEnum):
    """How much of a date was said. Anything under a day is midnight UTC of the claimed day."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Origin(StrEnum):
    """Where a claim was read, the most trusted first."""

    API = "api"
    JSONLD = "jsonld"
    META = "meta"
    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"
    URL = "url"
    PDF = "pdf"
    TEXT = "text"
    HTTP = "http"


class DateKind(StrEnum):
    """What happened at the claimed time."""

    PUBLISHED = "published"
    MODIFIED = "modified"


@dataclass(frozen=True, kw_only=True, slots=True)
class DateClaim:
    """One date as one origin states it.

    `value` is aware UTC. With precision day, month or year it is 00:00 UTC of the first day
    claimed, whatever the publisher's zone: a calendar date is not shifted.
    """

    value: datetime
    precision: Precision
    origin: Origin
    kind: DateKind = DateKind.PUBLISHED
    raw: str = ""
