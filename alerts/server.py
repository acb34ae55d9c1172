"""A small server for the pages of alerts, for the time being behind a reverse proxy with TLS."""

import logging
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from alerts.pages import HEADERS, Answer, Request, answer
from core.errors import AmparoError
from db.engine import Database

log = logging.getLogger("amparo.alerts")

LONGEST_FORM = 64 * 1024
SECONDS = 15


def make_server(
    database: Database,
    secret: bytes,
    *,
    host: str,
    port: int,
    public_url: str,
    clock: Callable[[], datetime],
) -> ThreadingHTTPServer:
    """A server that is bound but not yet running; `serve_forever()` runs it. Port 0 takes any."""

    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS
        server_version = "Amparo"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer({})

        do_HEAD = do_GET  # noqa: N815 - the base class calls it so

        def do_POST(self) -> None:
            form = self._form()
            if form is not None:
                self._answer(form)

        def _form(self) -> dict[str, str] | None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal() or int(length[:9]) > LONGEST_FORM:
                self.close_connection = True
                self._send(Answer(status=413, body=""))
                return None
            body = self.rfile.read(int(length)).decode("utf-8", errors="replace")
            return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=200))

        def _answer(self, form: dict[str, str]) -> None:
            spanish = self.headers.get("Accept-Language", "").strip().lower().startswith("es")
            request = Request(
                method=self.command or "GET",
                path=urlsplit(self.path).path,
                form=form,
                language="es" if spanish else "en",
            )
            try:
                found = answer(database, secret, request, clock(), public_url=public_url)
            except (AmparoError, ValueError) as error:
                log.error("page failed", extra={"reason": type(error).__name__})
                found = Answer(status=503, body="", headers={**HEADERS, "Retry-After": "60"})
            self._send(found)

        def _send(self, found: Answer) -> None:
            body = found.body.encode()
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", found.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            # The stock log would write tokens of links to stderr.
            log.debug("request", extra={"method": self.command})

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server
