"""From a checked source file to the frozen Source that everything else reads."""

from collections.abc import Mapping

from core.source import (
    ApiParams,
    Expectations,
    FeedParams,
    Kind,
    ListingParams,
    Paging,
    Params,
    Politeness,
    PublisherType,
    Schedule,
    SitemapParams,
    Source,
    Status,
    Trust,
)
from sources.schema import Api, Feed, Listing, Pages, Sitemap, SourceFile

TRUST_OF_TYPE: Mapping[PublisherType, Trust] = {
    PublisherType.MEDIA: Trust.PRESS,
    PublisherType.AGGREGATOR: Trust.AGGREGATOR,
}
"""Press reports what others say; an aggregator only points; everyone else speaks for themselves."""


def source_of(written: SourceFile, *, id_: str, file: str, packaged: bool) -> Source:
    """The Source of a file. An operator's own source is on unless its file says otherwise;
    a packaged one is on when somebody has seen its address.
    """
    kind, params = _kind_of(written)
    enabled = written.enabled
    if enabled is None:
        enabled = not packaged or written.status is not Status.UNVERIFIED
    return Source(
        id=id_,
        name=written.name,
        publisher_type=written.type,
        country=written.country,
        languages=tuple(written.languages),
        kind=kind,
        params=params,
        homepage=written.homepage,
        timezone=written.timezone,
        schedule=Schedule(**written.schedule.model_dump()),
        politeness=Politeness(**written.politeness.model_dump()),
        storage=written.storage,
        licence=written.licence,
        expectations=Expectations(**written.expectations.model_dump()),
        canary=written.canary,
        trust=written.trust or TRUST_OF_TYPE.get(written.type, Trust.PRIMARY),
        relevance=written.relevance,
        document_type=written.document_type,
        status=written.status,
        checked=written.checked,
        enabled=enabled,
        allow_private_network=written.allow_private_network,
        spider=written.spider,
        needs=written.needs.setting if written.needs else None,
        arrangement=written.arrangement.strip(),
        notes=written.notes.strip(),
        file=file,
    )


def _kind_of(written: SourceFile) -> tuple[Kind, Params]:
    if written.feed:
        return Kind.FEED, _feed(written.feed)
    if written.sitemap:
        return Kind.SITEMAP, _sitemap(written.sitemap)
    if written.listing:
        return Kind.LISTING, _listing(written.listing)
    assert written.api, "a checked file has exactly one kind"
    return Kind.API, _api(written.api)


def _feed(block: Feed) -> FeedParams:
    return FeedParams(
        urls=block.addresses(),
        content=block.content,
        include=block.include,
        exclude=block.exclude,
        tz=block.timezone,
        date_precision=block.date_precision,
        date_is=block.date_is,
    )


def _sitemap(block: Sitemap) -> SitemapParams:
    return SitemapParams(
        urls=block.addresses(),
        include=block.include,
        exclude=block.exclude,
        follow=block.follow,
        max_age_days=block.max_age_days,
        content=block.content,
    )


def _listing(block: Listing) -> ListingParams:
    return ListingParams(urls=block.addresses(), **block.model_dump(exclude={"url", "urls"}))


def _api(block: Api) -> ApiParams:
    return ApiParams(
        urls=block.addresses(),
        items=block.items,
        fields=block.fields.model_dump(exclude_none=True),
        paging=_paging(block.paging),
        params=block.params,
        headers=block.headers,
        method=block.method,
        json_body=block.json_body,
        form_body=block.form_body,
        url_template=block.url_template,
        content=block.content,
        tz=block.timezone,
        date_format=block.date_format,
        date_precision=block.date_precision,
        include=block.include,
        exclude=block.exclude,
    )


def _paging(block: Pages | None) -> Paging:
    if block is None:
        return Paging()
    start = block.start if block.start is not None else (0 if block.rule == "offset" else 1)
    return Paging(
        rule=block.rule,
        parameter=block.parameter,
        start=start,
        step=block.step or 1,
        path=block.path,
        max_pages=block.max_pages,
    )
