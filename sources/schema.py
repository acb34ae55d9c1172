"""The form of a source file. Every key a file may hold is a field here; nothing else is read."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.source import PublisherType, Status, Storage, Trust
from sources.values import (
    SPIDER_KINDS,
    Address,
    Country,
    Dotted,
    Headers,
    Identifier,
    IndexAddress,
    Language,
    Parameters,
    Pattern,
    Selector,
    Setting,
    Template,
    Text,
    Timezone,
    as_list,
    member,
    one_of,
)

Precision = Annotated[str, one_of("written", "day")]
Many = BeforeValidator(as_list)


class Block(BaseModel):
    """Strict: a wrong type or an unknown key is an error, never a guess."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class Index(Block):
    """What every kind has: where its index is, and which of the listed addresses count."""

    url: IndexAddress | None = None
    urls: Annotated[list[IndexAddress] | None, Many] = None
    include: Pattern | None = None
    exclude: Pattern | None = None

    @model_validator(mode="after")
    def _one_address(self) -> "Index":
        if (self.url is None) == (not self.urls):
            raise ValueError("expected either `url:` with one address or `urls:` with a list of them")
        return self

    def addresses(self) -> tuple[str, ...]:
        """The index addresses, however they were written."""
        return (self.url,) if self.url else tuple(self.urls or ())


class Feed(Index):
    """RSS, Atom, RDF or JSON Feed."""

    content: Annotated[str, one_of("page", "feed", "index")] = "page"
    timezone: Timezone | None = None
    date_precision: Precision = "written"
    date_is: Annotated[str, one_of("published", "modified")] = "published"


class Sitemap(Index):
    """A sitemap, an index of sitemaps, a news sitemap; plain or gzipped; XML or text."""

    follow: Pattern | None = None
    max_age_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    content: Annotated[str, one_of("page", "index")] = "page"


class Listing(Index):
    """An HTML page of links, read by CSS selectors."""

    item: Selector
    link: Selector = "a"
    title: Selector | None = None
    date: Selector | None = None
    date_attribute: Text | None = None
    date_format: Text | None = None
    date_order: Annotated[str, one_of("DMY", "MDY", "YMD")] | None = None
    next: Selector | None = None
    max_pages: Annotated[int, Field(ge=1, le=1000)] = 5


class Pages(Block):
    """How an API continues."""

    rule: Annotated[str, one_of("none", "page", "offset", "cursor", "next")]
    parameter: Text | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    step: Annotated[int, Field(ge=1)] | None = None
    path: Dotted | None = None
    max_pages: Annotated[int, Field(ge=1, le=1000)] = 20

    @model_validator(mode="after")
    def _complete(self) -> "Pages":
        if self.rule in ("page", "offset", "cursor") and not self.parameter:
            raise ValueError(f"the rule {self.rule} needs `parameter:`, the query parameter to set")
        if self.rule in ("cursor", "next") and not self.path:
            raise ValueError(f"the rule {self.rule} needs `path:`, where the answer says how to go on")
        if self.rule == "offset" and self.step is None:
            raise ValueError("the rule offset needs `step:`, the number of items on a page")
        return self


class Fields(Block):
    """Where each property stands within one item."""

    url: Dotted | None = None
    title: Dotted | None = None
    text: Dotted | None = None
    summary: Dotted | None = None
    date: Dotted | None = None
    modified: Dotted | None = None
    authors: Dotted | None = None
    id: Dotted | None = None
    language: Dotted | None = None


class Api(Index):
    """A JSON API."""

    items: Dotted
    fields: Fields
    paging: Pages | None = None
    params: Parameters = Field(default_factory=dict)
    headers: Headers = Field(default_factory=dict)
    method: Annotated[str, one_of("GET", "POST")] = "GET"
    json_body: dict[str, Any] | None = None
    form_body: dict[str, str] | None = None
    url_template: Template | None = None
    content: Annotated[str, one_of("page", "api", "index")] = "page"
    timezone: Timezone | None = None
    date_format: Text | None = None
    date_precision: Precision = "written"

    @model_validator(mode="after")
    def _consistent(self) -> "Api":
        if not self.fields.url and not self.url_template:
            raise ValueError("needs `fields.url`, or `url_template` with a field in braces")
        if self.content == "api" and not self.fields.text:
            raise ValueError("`content: api` needs `fields.text`, where the text of an item stands")
        if self.json_body is not None and self.method != "POST":
            raise ValueError("`json_body` needs `method: POST`")
        if self.form_body is None:
            return self
        if self.method != "POST" or self.json_body is not None:
            raise ValueError("`form_body` needs `method: POST`, and no `json_body` beside it")
        if self.paging is not None and self.paging.rule not in ("none", "next"):
            raise ValueError("a form has no pages to count; leave `paging` out")
        return self


class Timing(Block):
    """When to crawl."""

    every_minutes: Annotated[int, Field(ge=1, le=100_000)] = 60
    jitter_seconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    time_limit_minutes: Annotated[int, Field(ge=1, le=1440)] = 30


class Manners(Block):
    """How gently to ask."""

    delay_seconds: Annotated[float, Field(ge=0, le=3600)] = 2.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    max_items: Annotated[int, Field(ge=1, le=100_000)] = 500
    requests_per_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Health(Block):
    """What a healthy run looks like."""

    min_items: Annotated[int, Field(ge=0)] = 1
    quiet_days: Annotated[int, Field(ge=1)] | None = None


class Needs(Block):
    """What the operator must supply before the source can be asked."""

    setting: Setting


class SourceFile(Block):
    """One source file, as written."""

    id: Identifier | None = None
    name: Text
    type: Annotated[PublisherType, member(PublisherType)]
    country: Country
    languages: Annotated[list[Language], Many, Field(min_length=1)]
    feed: Feed | None = None
    sitemap: Sitemap | None = None
    listing: Listing | None = None
    api: Api | None = None
    homepage: Address | None = None
    timezone: Timezone = "UTC"
    schedule: Timing = Timing()
    politeness: Manners = Manners()
    storage: Annotated[Storage, member(Storage)] = Storage.FULL
    licence: str = ""
    expectations: Health = Health()
    canary: Address | None = None
    trust: Annotated[Trust, member(Trust)] | None = None
    relevance: Annotated[str, one_of("all", "filter")] = "filter"
    document_type: Text | None = None
    status: Annotated[Status, member(Status)] = Status.UNVERIFIED
    checked: date | None = None
    enabled: bool | None = None
    allow_private_network: bool = False
    replaces: bool = False
    spider: Annotated[str, one_of(*SPIDER_KINDS)] | None = None
    needs: Needs | None = None
    arrangement: str = ""
    notes: str = ""
