"""A source: one place we watch, as its YAML file describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class PublisherType(StrEnum):
    """Who speaks."""

    NGO = "ngo"
    ACADEMIC = "academic"
    GOVERNMENT = "government"
    COURT = "court"
    MEDIA = "media"
    UN = "un"
    INTER_AMERICAN = "inter-american"
    AGGREGATOR = "aggregator"


class Kind(StrEnum):
    """How new addresses are found; each kind has one spider."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    API = "api"


class Status(StrEnum):
    """How sure we are that the address answers."""

    VERIFIED = "verified"
    SEEN = "seen"
    UNVERIFIED = "unverified"


class Storage(StrEnum):
    """What the licence lets us keep: the full text or an excerpt."""

    FULL = "full"
    EXCERPT = "excerpt"


class Trust(StrEnum):
    """What kind of witness the source is."""

    PRIMARY = "primary"
    PRESS = "press"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedParams:
    """RSS, Atom, RDF or JSON Feed.

    `content`: "page" fetches each entry's page; "feed" takes the full text from the entry, where
    there is one; "index" takes what the entry says and never asks for the page.
    `date_precision`: "written", or "day" for a publisher whose time of day means nothing.
    `date_is`: "published", or "modified" for one who writes the day of a later change there.
    """

    urls: tuple[str, ...]
    content: str = "page"
    include: str | None = None
    exclude: str | None = None
    tz: str | None = None
    date_precision: str = "written"
    date_is: str = "published"


@dataclass(frozen=True, kw_only=True, slots=True)
class SitemapParams:
    """Sitemaps, indexes of sitemaps, news sitemaps, plain or gzipped.

    `include`/`exclude` are regular expressions on page addresses, `follow` on child sitemaps.
    `content`: "page", or "index" for headline and address only: the page is never asked for.
    """

    urls: tuple[str, ...]
    include: str | None = None
    exclude: str | None = None
    follow: str | None = None
    max_age_days: int | None = None
    content: str = "page"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingParams:
    """An HTML page that lists items, read by CSS selectors.

    `date_order` (DMY, MDY or YMD) says how to read a date in figures; None leaves it to the
    language and country of the source.
    """

    urls: tuple[str, ...]
    item: str
    link: str = "a"
    title: str | None = None
    date: str | None = None
    date_attribute: str | None = None
    date_format: str | None = None
    date_order: str | None = None
    next: str | None = None
    max_pages: int = 5
    include: str | None = None
    exclude: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """How an API continues. `rule` is none, page, offset, cursor or next.

    page/offset: `parameter` is the query parameter, counting from `start` by `step`.
    cursor: the value at `path` goes into `parameter`. next: the address at `path` is followed.
    """

    rule: str = "none"
    parameter: str | None = None
    start: int = 1
    step: int = 1
    path: str | None = None
    max_pages: int = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiParams:
    """A JSON API. Paths are dotted (`data.items`, `attributes.title`, `files.0.url`).

    `content`: "page" fetches `fields["url"]`; "api" takes the text from `fields["text"]`, where there
    is one; "index" takes what the answer says and never asks for the page.
    """

    urls: tuple[str, ...]
    items: str
    fields: Mapping[str, str]
    paging: Paging = Paging()
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    json_body: Mapping[str, object] | None = None
    form_body: Mapping[str, str] | None = None
    url_template: str | None = None
    content: str = "page"
    tz: str | None = None
    date_format: str | None = None
    date_precision: str = "written"
    include: str | None = None
    exclude: str | None = None


Params = FeedParams | SitemapParams | ListingParams | ApiParams


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When to crawl: every `every_minutes`, spread by up to `jitter_seconds`."""

    every_minutes: int = 60
    jitter_seconds: int = 60
    time_limit_minutes: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Politeness:
    """Seconds between two requests to one host, and how many may be under way.

    `requests_per_day` is what the site allows in any 24 hours, None where it names no number.
    """

    delay_seconds: float = 2.0
    concurrency: int = 1
    max_items: int = 500
    requests_per_day: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectations:
    """What a healthy run looks like. Fewer than `min_items` listed addresses is a failure."""

    min_items: int = 1
    quiet_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One watched place. `file` is where it was read, for messages.

    `spider` names one of the few spiders that read more than their kind does, None for that of the
    kind. `needs` is the setting (an environment variable) without which the source cannot be asked.
    `arrangement` is how the site lets us use its API although its robots.txt closes the host.
    """

    id: str
    name: str
    publisher_type: PublisherType
    country: str
    languages: tuple[str, ...]
    kind: Kind
    params: Params
    homepage: str | None = None
    timezone: str = "UTC"
    schedule: Schedule = Schedule()
    politeness: Politeness = Politeness()
    storage: Storage = Storage.FULL
    licence: str = ""
    expectations: Expectations = Expectations()
    canary: str | None = None
    trust: Trust = Trust.PRESS
    relevance: str = "filter"
    document_type: str | None = None
    status: Status = Status.UNVERIFIED
    checked: date | None = None
    enabled: bool = False
    allow_private_network: bool = False
    spider: str | None = None
    needs: str | None = None
    arrangement: str = ""
    notes: str = ""
    file: str = ""
