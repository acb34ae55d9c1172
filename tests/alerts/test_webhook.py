"""Webhooks: signed, idempotent, patient for 36 hours, and never into somebody's own network."""

import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import run
from alerts.digest import from_json
from alerts.links import webhook_secret
from alerts.run import secret_of
from alerts.webhook import Posted, post, signature
from core.subscription import Channel, SubscriberState
from db.subscribers import SubscriberStore
from spiders.addresses import is_public
from tests.alerts.world import START, Inbox, World

HOOK = "https://hooks.example/in?x=1"


class Receiver:
    """An https server on loopback that keeps what it was sent."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Location", "https://elsewhere.example/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


@pytest.fixture
def receiver(certificate: tuple[Path, ssl.SSLContext]) -> Iterator[Receiver]:
    made = Receiver(certificate[1])
    made.thread.start()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def test_call_is_signed_and_repeated_with_the_same_key(
    small_world: World,
    receiver: Receiver,
    certificate: tuple[Path, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The receiver can tell that it is us, and that it had this call before."""
    trusted = ssl.create_default_context(cafile=str(certificate[0]))

    def trusting(*args: Any, **options: Any) -> Posted:
        return post(*args, **options, context=trusted)

    monkeypatch.setattr(run, "post", trusting)
    url = f"https://localhost:{receiver.port}/in?x=1"
    mine = small_world.subscribe(url, channel=Channel.WEBHOOK, frequency="at-once")
    small_world.publish("one")
    receiver.status = 503
    assert small_world.send(permitted=lambda _a: True).later == 1
    small_world.later(minutes=1)
    receiver.status = 204
    assert small_world.send(permitted=lambda _a: True).sent == 1
    (path, first, _), (_, second, body) = receiver.calls
    assert path == "/in?x=1"
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    secret = webhook_secret(secret_of(small_world.settings), mine.subscriber_id, url)
    assert second["Amparo-Signature"] == signature(secret, int(second["Amparo-Timestamp"]), body)
    assert second["Amparo-Signature"] != signature(secret, int(second["Amparo-Timestamp"]) + 1, body)
    told = from_json(body)
    assert [story.item.url for story in told.stories] == ["https://vigia.example/one"]
    assert json.loads(body)["format"] == 1


def test_redirect_is_a_failure_and_not_followed(
    receiver: Receiver, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    """A public address must not lead us to a private one."""
    receiver.status = 302
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    done = post(f"https://localhost:{receiver.port}/", b"{}", {}, permitted=lambda _a: True, context=trusted)
    assert (done.ok, done.reason) == (False, "localhost answered 302")


def test_untrusted_certificate_is_not_called(receiver: Receiver) -> None:
    """The body names what an organisation watches."""
    done = post(f"https://localhost:{receiver.port}/", b"{}", {}, permitted=lambda _a: True)
    assert "certificate of localhost is not trusted" in done.reason
    assert receiver.calls == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "localhost",
    ],
)
def test_private_address_is_never_called(host: str, receiver: Receiver) -> None:
    """A webhook is no way into the operator's own network, however it is spelt."""
    done = post(f"https://{host}:{receiver.port}/", b"{}", {}, permitted=is_public)
    assert "not on the public internet" in done.reason
    assert receiver.calls == []


def test_name_with_one_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """One public answer beside a private one is how rebinding begins."""
    answers = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("192.168.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    assert "not on the public internet" in post(HOOK, b"{}", {}, permitted=is_public).reason
    assert is_public(ipaddress.ip_address("93.184.215.14"))


def test_failing_webhook_is_tried_for_36_hours_then_paused_with_a_notice(
    world: World, inbox: Inbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weekend's outage is survived; after that somebody is told, and nothing is lost."""
    calls: list[Any] = []

    def failing(*_args: Any, **_options: Any) -> Posted:
        calls.append(world.now)
        return Posted(ok=False, reason="hooks.example answered 500")

    monkeypatch.setattr(run, "post", failing)
    mine = world.subscribe(HOOK, channel=Channel.WEBHOOK, frequency="at-once", notice_to="tech@example.org")
    world.publish("one")
    while not world.send(port).paused:
        assert world.now - START <= timedelta(hours=37)
        world.later(minutes=30)
    assert timedelta(hours=36) <= calls[-1] - START <= timedelta(hours=36, minutes=30)
    assert len(calls) >= 12
    world.send(port)
    assert [to for to, _ in inbox.mails] == ["tech@example.org"]
    assert "hooks.example failed for 36 hours" in " ".join(inbox.mails[0][1].get_content().split())
    with world.database.write() as connection:
        store = SubscriberStore(connection)
        paused = store.get(mine.subscriber_id)
        assert paused is not None
        assert paused.state is SubscriberState.PAUSED
        store.resume(mine.subscriber_id)
    monkeypatch.setattr(run, "post", lambda *_a, **_k: Posted(ok=True))
    world.later(days=1)
    assert world.send(port).sent == 1


def test_receiver_that_is_gone_is_paused_at_once(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """410 says: never again."""
    monkeypatch.setattr(run, "post", lambda *_a, **_k: Posted(ok=False, reason="answered 410", gone=True))
    small_world.subscribe(HOOK, channel=Channel.WEBHOOK, frequency="at-once")
    small_world.publish("one")
    assert small_world.send().paused == 1
