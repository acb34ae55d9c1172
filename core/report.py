"""One report on its way: listed, received, extracted, processed, decided."""

from dataclasses import dataclass
from datetime import datetime

from core.dates import DateClaim, Origin, Precision

TITLE = "title"
TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What an index (feed, sitemap, listing, API) says of one address.

    `html` is the full body when the index carries it (content:encoded, an API field).
    """

    url: str
    title: str = ""
    summary: str = ""
    html: str = ""
    dates: tuple[DateClaim, ...] = ()
    authors: tuple[str, ...] = ()
    language: str | None = None
    guid: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What was received for one address, before anything was understood.

    `digest` is the SHA-256 of `body` in hex; `url` is the address after redirects.
    """

    source_id: str
    url_requested: str
    url: str
    listed: Listed
    fetched_at: datetime
    status: int
    content_type: str
    body: bytes
    digest: str
    encoding: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawReport:
    """What one page claims about itself. Text is plain, paragraphs parted by one newline."""

    source_id: str
    url_requested: str
    url: str
    title: str
    text: str
    fetched_at: datetime
    digest: str
    source_country: str | None = None
    canonical_link: str | None = None
    authors: tuple[str, ...] = ()
    dates: tuple[DateClaim, ...] = ()
    language_hint: str | None = None
    site_name: str | None = None
    content_type: str = "text/html"
    document_type: str | None = None
    guid: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Characters [start, end) of the title or the text, as stored."""

    start: int
    end: int
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A tag and why: the spans that earned it, its score and the rule that gave it.

    `confidence` is high or low; a parent emitted for search has rule "parent" and no spans.
    """

    id: str
    facet: str
    score: float
    confidence: str
    rule: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Relevance:
    """The tier A, B, C, D or X, for whom (sv, us), and the rules that led there."""

    tier: str
    sides: tuple[str, ...]
    reasons: tuple[str, ...]
    priority: str = "normal"

    @property
    def relevant(self) -> bool:
        """Tiers A, B and C reach people; D is context, X is out of scope."""
        return self.tier in ("A", "B", "C")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """What two copies of one report share.

    `digest`: hex of the normalised text, equal for equal wording. `bands`: signed 64-bit keys of
    the near-duplicate index, empty for a text too short to compare. `comparable`: everything an
    exact comparison needs without the text (hashed shingles and facts), packed. All three belong
    to `version`.
    """

    version: int
    digest: str
    bands: tuple[int, ...]
    comparable: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """The publication date that was chosen, or none."""

    value: datetime
    precision: Precision
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report as it is stored. Steps fill the fields that default to empty."""

    raw: RawReport
    url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: Published | None = None
    modified: datetime | None = None
    language: str | None = None
    document_type: str | None = None
    relevance: Relevance | None = None
    tags: tuple[Tag, ...] = ()
    fingerprint: Fingerprint | None = None
    taxonomy_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the store has on the address or wording of an incoming report.

    `text` is what was kept of it (`text_kept`: full, excerpt, none); `text_sha256` and
    `text_length` (characters) are those of the whole text, `seen_at` its latest receipt.
    """

    id: int
    url: str
    title: str
    text: str
    content_digest: str
    version: int
    withdrawn: bool = False
    text_kept: str = "full"
    text_sha256: str = ""
    text_length: int = 0
    seen_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class New:
    """Nothing like it is in the store."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """A known address with another title or text."""

    of: int
    changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """The words of a report that stands at another address."""

    of: int
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """A known address that says what it said."""

    of: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawn:
    """An address that an operator took down; no crawl brings it back."""

    url: str


Outcome = New | Updated | Duplicate | Unchanged | Withdrawn


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarantined:
    """A page that gave no report: the step that failed and why, kept for the operator."""

    source_id: str
    url: str
    step: str
    reason: str
    digest: str | None = None
