"""A site on loopback with scripted answers and a log, and a spider that only asks and remembers."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import scrapy
from scrapy.crawler import Crawler

from core.report import Listed, Page, Quarantined
from core.source import FeedParams, Kind, Politeness, PublisherType, Source
from db.engine import Database, open_database
from pipeline.items import Result, WriteItem
from spiders.command import Command
from spiders.loop import event_loop
from spiders.session import CrawlSession
from spiders.settings import crawl_settings


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One scripted answer. `chunks` are sent `pause` seconds apart instead of `body`.

    A header with an empty value is not sent; without Content-Length the connection ends the body.
    """

    status: int = 200
    body: bytes = b"<html><head><title>A page</title></head><body>words</body></html>"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    chunks: Sequence[bytes] = ()
    pause: float = 0.0
    drop: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived."""

    path: str
    at: float
    headers: Mapping[str, str]


class Site:
    """Answers by path: the scripted ones in turn, the last one for ever; 404 for other paths."""

    def __init__(self) -> None:
        self._scripts: dict[str, list[Answer]] = defaultdict(list)
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.under_way = self.most_at_once = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                site._serve(self)

            do_POST = do_GET

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str, *answers: Answer) -> str:
        """Script a path; returns its address."""
        self._scripts[path] = list(answers)
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    def times(self, path: str) -> list[float]:
        return [asked.at for asked in self.asked if asked.path == path]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.asked.append(Asked(path=handler.path, at=time.monotonic(), headers=headers))
            script = self._scripts.get(handler.path)
            answer = Answer(status=404, body=b"no such page") if not script else script[0]
            if script and len(script) > 1:
                script.pop(0)
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
        time.sleep(answer.wait)
        with self._lock:
            self.under_way -= 1
        if answer.drop:
            handler.close_connection = True
            return
        try:
            self._send(handler, answer)
        except OSError:
            handler.close_connection = True

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        sent = {"Content-Type": "text/html; charset=utf-8", **answer.headers}
        chunks = answer.chunks or (answer.body,)
        sent.setdefault("Content-Length", str(sum(map(len, chunks))))
        for name, value in sent.items():
            if value:
                handler.send_header(name, value)
        if not sent["Content-Length"]:
            handler.close_connection = True
        handler.end_headers()
        for number, chunk in enumerate(chunks):
            if number:
                time.sleep(answer.pause)
            handler.wfile.write(chunk)
            handler.wfile.flush()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """A fresh site, whose robots.txt is missing, which allows everything."""
    served = Site()
    yield served
    served.close()


@pytest.fixture
def answer() -> type[Answer]:
    """The class of scripted answers (test folders cannot import each other)."""
    return Answer


@pytest.fixture
def source(site: Site) -> Source:
    """A feed source on the site, without delay and allowed to be on loopback."""
    return Source(
        id="test-source",
        name="Test source",
        publisher_type=PublisherType.NGO,
        country="sv",
        languages=("es",),
        kind=Kind.FEED,
        params=FeedParams(urls=(site.url("/feed.xml"),)),
        politeness=Politeness(delay_seconds=0.0, concurrency=4),
        relevance="all",
        enabled=True,
        allow_private_network=True,
        file="test-source.yaml",
    )


class ListWriter:
    """Keeps what is submitted."""

    def __init__(self) -> None:
        self.items: list[WriteItem] = []

    async def submit(self, item: WriteItem) -> Result:
        self.items.append(item)
        return None


class NoReader:
    """Reads nothing."""

    async def read(self, page: Page, source: Source) -> Quarantined:
        return Quarantined(source_id=source.id, url=page.url, step="test", reason="not read")


@dataclass(frozen=True, kw_only=True)
class Got:
    """What came back for one address: a response, or the error that took its place."""

    url: str
    status: int | None = None
    body: bytes = b""
    final_url: str = ""
    error: BaseException | None = None


class ProbeSpider(scrapy.Spider):
    """Asks for addresses, with the middlewares and settings of a real crawl, and remembers."""

    name = "probe"

    def __init__(self, *, source: Source, session: CrawlSession, urls: Sequence[str], listed: bool) -> None:
        super().__init__()
        self.source, self.session, self.urls, self.listed = source, session, urls, listed
        self.got: list[Got] = []

    async def start(self) -> AsyncIterator[Any]:
        for url in self.urls:
            meta: dict[str, Any] = {"handle_httpstatus_list": list(range(400, 600)), "asked": url}
            if self.listed:
                meta["listed"] = Listed(url=url)
            yield scrapy.Request(url, self.parse, errback=self.failed, meta=meta, dont_filter=True)

    def parse(self, response: Any) -> None:
        asked = response.request.meta["asked"]
        self.got.append(Got(url=asked, status=response.status, body=response.body, final_url=response.url))

    def failed(self, failure: Any) -> None:
        self.got.append(Got(url=failure.request.meta["asked"], error=failure.value))


@dataclass(kw_only=True)
class Probe:
    """The result of a probe crawl: one Got an address, in the order asked; and the session."""

    got: list[Got]
    session: CrawlSession

    @property
    def only(self) -> Got:
        assert len(self.got) == 1
        return self.got[0]


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database."""
    opened = open_database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def command() -> Callable[..., Command]:
    """Makes the shared state of a crawl command."""

    def make(**given: Any) -> Command:
        _, resolver = event_loop()
        clock = given.pop("clock", lambda: datetime.now(UTC))
        return Command(**{"started": clock(), "clock": clock, "resolver": resolver, **given})

    return make


@pytest.fixture
def session(
    source: Source, sqlite_database: Database, command: Callable[..., Command]
) -> Callable[..., CrawlSession]:
    """Makes a session that writes into a list."""

    def make(source: Source = source, **given: Any) -> CrawlSession:
        return CrawlSession(
            source,
            command=given.pop("command", None) or command(**given),
            database=sqlite_database,
            reader=NoReader(),
            writer=ListWriter(),
        )

    return make


@pytest.fixture
def probe(source: Source, session: Callable[..., CrawlSession]) -> Callable[..., Probe]:
    """Fetches addresses through the whole chain of middlewares over real HTTP."""

    def run(*urls: str, source: Source = source, listed: bool = True, **given: Any) -> Probe:
        settings = given.pop("settings", {})
        made = given.pop("session", None) or session(source, **given)
        base = crawl_settings(source, user_agent="Amparo/0.1 (rights monitoring; +test@example.org)")
        quick = {"AMPARO_BACKOFF_SECONDS": 0.01, "ITEM_PIPELINES": {}}
        loop, _ = event_loop()
        crawler = Crawler(ProbeSpider, {**base, **quick, **settings})
        tasks: list[asyncio.Task[None]] = []
        made.on_stop = lambda: tasks.append(loop.create_task(crawler.stop_async()))
        loop.run_until_complete(crawler.crawl_async(source=source, session=made, urls=urls, listed=listed))
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks))
        spider = crawler.spider
        assert isinstance(spider, ProbeSpider)
        order = {url: number for number, url in enumerate(urls)}
        return Probe(got=sorted(spider.got, key=lambda got: order[got.url]), session=made)

    return run


@pytest.fixture
def public(source: Source) -> Source:
    """The same source without permission to enter private networks."""
    return replace(source, allow_private_network=False)
