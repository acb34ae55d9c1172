"""A news site on loopback for the measurements: saved pages under several numbers, or made-up ones.

    python bench/loopback_site.py FOLDER --pages 400     serves until killed; prints its address

FOLDER holds index.json and the pages, plain or gzipped. A page that is served again under another
number has other words, so that it is a report of its own and not a copy.
"""

import argparse
import gzip
import hashlib
import json
import re
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_TEXT = re.compile(r">([^<>{}]{30,})<")
_WORD = re.compile(r"\b([^\W\d_]{6,})\b")
_ENDINGS = "abcdefghijklmnopqrstuvwxyz"


def reworded(body: bytes, copy: int) -> bytes:
    """The page with its longer words changed, in another way for each copy."""
    if copy == 0:
        return body
    ending = _ENDINGS[copy % 26] * (1 + copy // 26)
    text = body.decode("utf-8", "surrogateescape")
    changed = _TEXT.sub(lambda m: f">{_WORD.sub(lambda w: w.group(1) + ending, m.group(1))}<", text)
    return changed.encode("utf-8", "surrogateescape")


def saved_pages(folder: Path, count: int) -> list[bytes]:
    """`count` pages made of those in the folder, repeated with other words as needed."""
    entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    bodies = []
    for entry in entries:
        raw = (folder / entry["file"]).read_bytes()
        bodies.append(gzip.decompress(raw) if entry["file"].endswith(".gz") else raw)
    return [reworded(bodies[number % len(bodies)], number // len(bodies)) for number in range(count)]


def made_up_page(number: int) -> bytes:
    """A short page of its own words."""
    seed = hashlib.sha256(str(number).encode()).hexdigest()
    told = "".join(
        f"<p>El testigo {seed[at : at + 6]} dijo el día {at + 1} que la audiencia {number * 17 + at} del "
        f"penal {seed[at + 3 : at + 9]} fue suspendida por el juzgado {seed[at + 5 : at + 12]}.</p>"
        for at in range(0, 40, 4)
    )
    title = f"Audiencia {number} suspendida"
    return (
        f"<!doctype html><html lang='es'><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{told}</article></body></html>"
    ).encode()


class Site(ThreadingHTTPServer):
    """Takes bursts of connections and is not upset by a client that is gone."""

    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve(bodies: list[bytes], port: int = 0, wait: float = 0.0) -> Site:
    """A server of /feed.xml and /article/N with ETags and 304, not yet running.

    Each article takes `wait` seconds to answer.
    """
    etags = [f'"{hashlib.sha256(body).hexdigest()[:16]}"' for body in bodies]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536
        disable_nagle_algorithm = True

        def log_message(self, *args: object) -> None:
            pass

        def _reply(self, status: int, body: bytes, kind: str, etag: str) -> None:
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            name, _, number = self.path.strip("/").partition("/")
            if name == "feed.xml":
                self._reply(200, self._feed(), "application/rss+xml", '"feed"')
            elif name == "article" and number.isdigit() and int(number) < len(bodies):
                time.sleep(wait)
                self._reply(200, bodies[int(number)], "text/html; charset=utf-8", etags[int(number)])
            else:
                self._reply(404, b"not found", "text/plain", '"none"')

        def _feed(self) -> bytes:
            base = f"http://{self.headers['Host']}"
            items = "".join(
                f"<item><title>Page {n}</title><link>{base}/article/{n}</link>"
                f"<pubDate>{formatdate(1_780_000_000 + n)}</pubDate></item>"
                for n in range(len(bodies))
            )
            return f"<rss version='2.0'><channel><title>Pages</title>{items}</channel></rss>".encode()

    return Site(("127.0.0.1", port), Handler)


def source_file(port: int, *, count: int) -> str:
    """A source file for the site: no delay, as it is our own."""
    return (
        "id: bench-site\nname: Pages on loopback\ntype: media\ncountry: US\nlanguages: [es, en]\n"
        f"feed:\n  url: http://127.0.0.1:{port}/feed.xml\n"
        f"politeness: {{delay_seconds: 0, concurrency: 8, max_items: {count}}}\n"
        "relevance: all\nstatus: verified\nchecked: 2026-11-01\nenabled: true\n"
        "allow_private_network: true\nlicence: Test pages.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = serve(saved_pages(options.folder, options.pages), options.port)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
