"""The spider all kinds share, driven by hand: responses in, requests and pages out."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from core.report import Listed, Page, Quarantined
from core.source import ApiParams, FeedParams, Kind, Paging, Politeness, PublisherType, Source
from spiders.base import SourceSpider, Wanted
from spiders.discovery.index import Index, IndexRequest
from spiders.kinds import SPIDERS

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
FEED = "https://vigia.example/feed"
SOURCE = Source(
    id="vigia",
    name="Vigía",
    publisher_type=PublisherType.NGO,
    country="SV",
    languages=("es",),
    kind=Kind.FEED,
    params=FeedParams(urls=(FEED,)),
)


@dataclass
class Run:
    """A session that remembers what it was told."""

    known: set[str] = field(default_factory=set)
    limit: int = 10_000
    told: list[tuple[Any, ...]] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW

    async def look_up(self, urls: Iterable[str]) -> None:
        self.told.append(("look_up", len(list(urls))))

    def wants(self, listed: Listed) -> Wanted | None:
        return None if listed.url in self.known else Wanted(url=listed.url, headers={"If-None-Match": '"1"'})

    def limit_reached(self) -> bool:
        self.limit -= 1
        return self.limit < 0

    def index_headers(self, url: str) -> Mapping[str, str]:
        return {"If-None-Match": '"i"'}

    def index_read(self, url: str, *, etag: str | None, last_modified: str | None, **said: Any) -> None:
        self.told.append(("read", etag, said["listed"]))

    def index_unchanged(self, url: str) -> None:
        self.told.append(("unchanged", url))

    def truncated(self, left: int) -> None:
        self.told.append(("truncated", left))

    def not_modified(self, listed: Listed, *, etag: str | None, last_modified: str | None) -> None:
        self.told.append(("not_modified", listed.url, etag))

    def gone(self, listed: Listed, *, url: str, status: int) -> None:
        self.told.append(("gone", url, status))

    def problem(self, kind: str, *, url: str, detail: str, listed: Listed | None = None) -> None:
        self.told.append((kind, url, detail, listed is not None))


def spider(source: Source = SOURCE, run: Run | None = None) -> tuple[SourceSpider, Run]:
    """The spider of a source, and the run it talks to."""
    session = run or Run()
    return SPIDERS[source.kind](source=source, session=session), session


def begin(one: SourceSpider) -> list[Request]:
    """The first requests."""

    async def collect() -> list[Request]:
        return [request async for request in one.start()]

    return asyncio.run(collect())


def answer(
    one: SourceSpider, request: Request, body: bytes = b"", status: int = 200, **headers: str
) -> list[Any]:
    """What the spider makes of an index page."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(request.url, status=status, headers=named, body=body, request=request)

    async def collect() -> list[Any]:
        return [out async for out in one.parse_index(response, **request.cb_kwargs)]

    return asyncio.run(collect())


def failed(error: Exception, request: Request) -> Failure:
    """The failure Scrapy hands to an errback."""
    failure: Failure = Failure(error)  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]
    return failure


def feed(*days: int, content: str = "") -> bytes:
    """A feed of one entry for each day of May."""
    entries = "".join(
        f"<item><title>n{day}</title><link>https://vigia.example/{day}</link>"
        f"<pubDate>{day:02} May 2026 10:00:00 +0000</pubDate><description>{content}</description></item>"
        for day in days
    )
    return f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode()


def test_listed_pages_are_asked_for_newest_first_and_conditionally() -> None:
    """What just happened comes before what is a week old, and a known page costs one line."""
    one, run = spider(run=Run(known={"https://vigia.example/2"}))
    (first,) = begin(one)
    assert first.headers["If-None-Match"] == b'"i"'
    requests = answer(one, first, feed(1, 3, 2), ETag='"x"')
    assert [request.url[-1] for request in requests] == ["3", "1"]
    assert requests[0].headers["If-None-Match"] == b'"1"'
    assert ("read", '"x"', 3) in run.told


def test_max_items_keeps_the_newest_and_says_how_many_were_left() -> None:
    """What is cut off must be known, or the next run would not look for it."""
    source = replace(SOURCE, politeness=Politeness(max_items=2))
    one, run = spider(source)
    requests = answer(one, begin(one)[0], feed(5, 1, 9, 7))
    assert [request.url[-1] for request in requests] == ["9", "7"]
    assert run.told[-1] == ("truncated", 2)


def test_the_operators_limit_ends_the_asking() -> None:
    """`--limit 1` asks for one page, and the rest counts as left."""
    one, run = spider(run=Run(limit=1))
    assert len(answer(one, begin(one)[0], feed(1, 2, 3))) == 1
    assert run.told[-1] == ("truncated", 2)


def test_pages_wait_for_the_last_index_even_when_it_fails() -> None:
    """With two feeds, the newest of both come first; one broken feed must not lose the other."""
    source = replace(SOURCE, params=FeedParams(urls=(FEED, f"{FEED}2")))
    one, run = spider(source)
    first, second = begin(one)
    assert answer(one, first, feed(1)) == []
    failure = failed(DownloadTimeoutError(), second)
    assert [request.url[-1] for request in one.index_failed(failure)] == ["1"]
    assert ("failed", f"{FEED}2", "no answer in time", False) in run.told


def test_index_of_another_form_is_a_problem_of_discovery() -> None:
    """The run fails with the reason; it does not end with nothing found."""
    one, run = spider()
    assert answer(one, begin(one)[0], b"<html><title>Just a moment...</title>") == []
    kind, _, detail, _ = run.told[-1]
    assert kind == "discovery"
    assert "challenge page" in detail


def test_a_reader_that_breaks_does_not_break_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody foresees every index; the run must still close with a reason."""

    def broken(*_: object, **__: object) -> Index:
        raise ZeroDivisionError("oh")

    one, run = spider()
    monkeypatch.setattr(type(one), "read_index", staticmethod(broken))
    assert answer(one, begin(one)[0], feed(1)) == []
    assert run.told[-1][0] == "discovery"
    assert "ZeroDivisionError" in run.told[-1][2]


def test_unchanged_index_lists_nothing() -> None:
    """A 304 is good news, not zero results."""
    one, run = spider()
    assert answer(one, begin(one)[0], status=304) == []
    assert run.told[-1] == ("unchanged", FEED)


def test_validators_of_a_truncated_feed_are_not_kept() -> None:
    """Else the next run would be told that nothing changed, and the lost half stay lost."""
    one, run = spider()
    answer(one, begin(one)[0], feed(1, 2)[:-60], ETag='"x"')
    assert any(said[:2] == ("read", None) for said in run.told)


def test_guessed_page_past_the_end_is_no_failure() -> None:
    """WordPress answers 400 to the page after the last."""
    params = ApiParams(
        urls=("https://vigia.example/v1",),
        items=".",
        fields={"url": "link"},
        paging=Paging(rule="page", parameter="page"),
    )
    one, run = spider(replace(SOURCE, kind=Kind.API, params=params))
    (first,) = begin(one)
    (second,) = answer(one, first, b'[{"link": "https://vigia.example/1"}]')
    failure = failed(HttpError(Response(second.url, status=400, request=second)), second)
    assert [request.url for request in one.index_failed(failure)] == ["https://vigia.example/1"]
    assert run.told[-1] == ("read", None, 0)


def page(one: SourceSpider, body: bytes, kind: str, status: int = 200) -> list[Page | Quarantined]:
    """What the spider makes of a listed page."""
    url = "https://vigia.example/9"
    response = Response(url, status=status, headers={"Content-Type": kind, "ETag": '"p"'}, body=body)
    return list(one.parse_page(response, listed=Listed(url=url), asked=url))


def test_page_is_passed_on_as_its_bytes() -> None:
    """Whoever checks our work later must find the bytes that were received."""
    one, _ = spider()
    (got,) = page(one, b"<html>\xf1", "text/html; charset=ISO-8859-1")
    assert isinstance(got, Page)
    assert (got.body, got.encoding, got.etag) == (b"<html>\xf1", "iso-8859-1", '"p"')
    assert got.digest == hashlib.sha256(got.body).hexdigest()
    assert got.fetched_at == NOW


@pytest.mark.parametrize(
    ("body", "declared", "kind"),
    [
        (b"junk\n%PDF-1.4 x", "application/octet-stream", "application/pdf"),
        (b"%PDF-1.4 x", "text/html", "application/pdf"),
        (b"\n<!DOCTYPE html><html>", "text/plain", "text/html"),
        (b"<html><p>about %PDF-1.4</p>", "text/html", "text/html"),
        (b"<p>fragment", "text/html", "text/html"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml", "application/xhtml+xml"),
    ],
)
def test_type_of_a_page_is_known_by_its_bytes(body: bytes, declared: str, kind: str) -> None:
    """Servers send PDF as anything, some with junk before it."""
    (got,) = page(spider()[0], body, declared)
    assert isinstance(got, Page)
    assert got.content_type == kind


@pytest.mark.parametrize(
    ("body", "declared"),
    [(b"\x89PNG", "image/png"), (b"PK\x03\x04", "application/zip"), (b"x", "application/pdf")],
)
def test_what_holds_no_text_goes_to_quarantine(body: bytes, declared: str) -> None:
    """A picture is no report, and why it is none must be findable."""
    (got,) = page(spider()[0], body, declared)
    assert isinstance(got, Quarantined)
    assert got.reason.startswith("content type ")


def test_page_that_is_gone_or_unchanged_is_told_to_the_run() -> None:
    """Neither is a failure of ours."""
    one, run = spider()
    assert page(one, b"", "text/html", status=410) == []
    assert page(one, b"", "text/html", status=304) == []
    assert run.told == [
        ("gone", "https://vigia.example/9", 410),
        ("not_modified", "https://vigia.example/9", '"p"'),
    ]


def test_feed_with_whole_texts_makes_pages_without_asking() -> None:
    """Some publishers put everything in the feed, and their pages need not be bothered."""
    source = replace(SOURCE, params=FeedParams(urls=(FEED,), content="feed"))
    one, _ = spider(source)
    got = answer(one, begin(one)[0], feed(1, content="&lt;p&gt;Año&lt;/p&gt;"))
    (made,) = got
    assert isinstance(made, Page)
    assert made.url == "https://vigia.example/1"
    assert "<h1>n1</h1>\n<p>Año</p>" in made.body.decode()
    empty = answer(spider(source)[0], begin(one)[0], feed(2))
    assert isinstance(empty[0], Request)


@pytest.mark.parametrize("content", ["", "&lt;p&gt;Texto&lt;/p&gt;"])
def test_entries_of_which_only_the_index_may_be_read_are_never_asked_for(content: str) -> None:
    """Some terms forbid programs on the articles; headline and address are all we take."""
    source = replace(SOURCE, params=FeedParams(urls=(FEED,), content="index"))
    one, _ = spider(source)
    (page,) = answer(one, begin(one)[0], feed(1, content=content))
    assert isinstance(page, Page)
    assert ("Texto" if content else "n1").encode() in page.body


def test_index_request_knows_its_place() -> None:
    """The middlewares tell an index from a page by its meta."""
    one, _ = spider()
    (first,) = begin(one)
    assert first.meta["index"] == IndexRequest(url=FEED)
