"""Serves the replay site on loopback, a port a publisher, and remembers what was asked of it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cli.demo_site.documents import load_documents, load_publishers
from cli.demo_site.pages import File, publish


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request: whether it carried a validator and what was answered."""

    publisher: str
    path: str
    conditional: bool
    status: int


@dataclass(kw_only=True, slots=True)
class ReplaySite:
    """The running site. `bases`: publisher id -> `http://127.0.0.1:PORT`. `asked` grows as it serves."""

    bases: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    """One publisher's server."""

    daemon_threads = True
    files: Mapping[str, File]
    publisher: str
    site: ReplaySite


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        found = self.server.files.get(self.path) or self.server.files.get(self.path.partition("?")[0])
        conditional = bool(self.headers["If-None-Match"] or self.headers["If-Modified-Since"])
        status = 404 if found is None else 304 if self._has(found) else found.status
        self.server.site.asked.append(
            Asked(publisher=self.server.publisher, path=self.path, conditional=conditional, status=status)
        )
        if found is None:
            self.send_error(404)
            return
        self.send_response(status)
        self.send_header("ETag", found.etag)
        self.send_header("Last-Modified", format_datetime(found.changed, usegmt=True))
        for name, value in found.headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", found.content_type)
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(found.body)

    def _has(self, found: File) -> bool:
        """Whether the client's copy is current. An ETag, where one is sent, decides alone."""
        if found.status != 200:
            return False
        tags = self.headers["If-None-Match"]
        if tags:
            return found.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers["If-Modified-Since"]
        return bool(since) and parsedate_to_datetime(since) >= found.changed

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr for the crawl."""


@contextmanager
def replay_site() -> Iterator[ReplaySite]:
    """Serve every publisher on a free port of 127.0.0.1 until the block ends."""
    site = ReplaySite()
    documents = load_documents()
    servers: list[_Server] = []
    try:
        for publisher in load_publishers().values():
            server = _Server(("127.0.0.1", 0), _Handler)
            servers.append(server)
            base = f"http://127.0.0.1:{server.server_address[1]}"
            own = [document for document in documents if document.publisher == publisher.id]
            server.files = publish(publisher, own, base)
            server.publisher, server.site = publisher.id, site
            site.bases[publisher.id] = base
            threading.Thread(
                target=server.serve_forever, args=(0.05,), name=publisher.id, daemon=True
            ).start()
        yield site
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
