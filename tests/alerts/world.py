"""A small world for the tests of alerts: a clock, subscribers, invented reports, a real SMTP server."""

import email
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from alerts.joining import join, wish
from alerts.run import Sent, send_due
from core.event import Event
from core.settings import Settings
from core.subscription import Channel, Subscription
from db.engine import Database
from db.events import EventStore
from db.runs import RunStore
from db.sources import SourceStore
from db.subscribers import SubscriberStore
from pipeline.intake import commit_batch
from tests.db.samples import item, prose, report, source

START = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
"""A Monday, half an hour before the digests of the tests are due in UTC."""


@dataclass
class Inbox:
    """An aiosmtpd handler that keeps what it accepted and refuses what `says` tells it to."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    says_rcpt: Callable[[str], str | None] = lambda _to: None
    says_data: Callable[[str], str | None] = lambda _to: None
    after_data: Callable[[str], None] = lambda _to: None

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _o: Any) -> str:
        said = self.says_rcpt(address)
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        to = envelope.rcpt_tos[0]
        said = self.says_data(to)
        if said:
            return said
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append((to, message))
        self.after_data(to)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails one address got, in order."""
        return [message for to, message in self.mails if to == address]

    def text(self, number: int = -1) -> str:
        """The plain text of a mail."""
        return body(self.mails[number][1])


def body(message: EmailMessage, kind: str = "plain") -> str:
    """One of the bodies of a mail."""
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


@contextmanager
def smtp_server(inbox: Inbox, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A real SMTP server on loopback; yields its port."""

    class Plain(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, hostname="mx.test", tls_context=tls, require_starttls=bool(tls))

    number = free_port()
    controller = Plain(inbox, hostname="127.0.0.1", port=number)
    controller.start()
    try:
        yield number
    finally:
        controller.stop()


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class World:
    """The database, the time it is, and what happens in it."""

    database: Database
    settings: Settings
    now: datetime = START

    def later(self, **delta: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**delta)
        return self.now

    def subscribe(
        self,
        address: str = "ana@example.org",
        query: str = "",
        channel: Channel = Channel.MAIL,
        **wanted: Any,
    ) -> Subscription:
        """A confirmed subscription."""
        asked = wish(channel, address, query=query, **wanted)
        subscription = join(self.database, asked, self.now, by_operator=True)
        assert subscription is not None
        with self.database.write() as connection:
            store = SubscriberStore(connection)
            store.activate(subscription.id, self.now)
            connection.exec_driver_sql("DELETE FROM outbox WHERE kind = 'confirm'")
            found = store.subscription(subscription.id)
        assert found is not None
        return found

    def publish(self, name: str, *, text: str | None = None, by: str = "vigia", **said: Any) -> None:
        """A report is stored, or a known one stored again with other words."""
        url = f"https://{by}.example/{name}"
        one = report(
            url, text or prose(name), source_id=by, at=self.now, **{"title": f"Title {name}", **said}
        )
        commit_batch(self.database, [item(one, source(by))], self.now)

    def crawled(self, by: str = "vigia", status: str = "ok", reason: str = "") -> None:
        """A crawl of a source ends now."""
        with self.database.write() as connection:
            SourceStore(connection).ensure([source(by)], self.now)
            runs = RunStore(connection)
            run = runs.start(by, now=self.now - timedelta(minutes=1), pid=None, trigger="test")
            runs.finish(run, status=status, reason=reason, now=self.now)

    def happened(self, kind: str, report_id: int, **detail: object) -> None:
        """An event without its cause."""
        with self.database.write() as connection:
            EventStore(connection).add(
                [Event(kind=kind, at=self.now, source_id="vigia", report_id=report_id, detail=detail)]
            )

    def send(self, port: int = 9, **options: Any) -> Sent:
        """One round, to the SMTP server at a port of this machine."""
        url = options.pop("smtp_url", f"smtp://127.0.0.1:{port}?tls=off")
        settings = replace(self.settings, smtp_url=url)
        options.setdefault("permitted", lambda _address: False)
        options.setdefault("clock", lambda: self.now)
        return send_due(self.database, settings, self.now, **options)


def settings_in(folder: Path) -> Settings:
    """Settings of a test machine."""
    return Settings(
        database_url="",
        data_dir=folder,
        contact="mailto:operator@amparo.example",
        mail_from="Amparo <digests@amparo.example>",
        public_url="https://amparo.example",
    )
