"""What goes wrong on the way to a mailbox, each with a real server on loopback."""

import datetime as dt
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.smtp import Accepted, MailServer, Security, Server
from core.subscription import SubscriberState
from db.outbox import LEASE, OutboxStore
from db.subscribers import SubscriberStore
from tests.alerts.world import Inbox, World, body, free_port, smtp_server

ROOT = Path(__file__).parents[2]


def three_readers(world: World) -> None:
    for name in ("ana", "bea", "carla"):
        world.subscribe(f"{name}@example.org", frequency="at-once")
    world.publish("one")


def states(world: World) -> dict[str, int]:
    with world.database.read() as connection:
        return OutboxStore(connection).counts()


def test_refused_connection_loses_nothing_and_is_named(world: World, inbox: Inbox) -> None:
    """The server is down at night; in the morning everyone gets the digest, once."""
    three_readers(world)
    silent = free_port()
    for _ in range(3):
        round_ = world.send(silent)
        assert round_.trouble == (
            f"The mail server took no mail at all. 127.0.0.1:{silent}: connection refused",
        )
        assert (round_.sent, round_.failed) == (0, 0)
        world.later(hours=3)
    with smtp_server(inbox) as port:
        assert world.send(port).sent == 3
        assert world.send(port).sent == 0
    assert sorted(to for to, _ in inbox.mails) == ["ana@example.org", "bea@example.org", "carla@example.org"]


def test_451_for_one_is_retried_with_growing_pauses(world: World, inbox: Inbox, port: int) -> None:
    """A temporary refusal of one mailbox neither loses its mail nor holds up the others."""
    three_readers(world)
    inbox.says_rcpt = lambda to: "451 greylisted" if to.startswith("bea") else None
    first = world.send(port)
    assert (first.sent, first.later, first.failed) == (2, 1, 0)
    assert world.send(port).later == 0
    world.later(minutes=5)
    assert world.send(port).later == 1
    world.later(minutes=5)
    assert world.send(port).later == 0
    world.later(minutes=10)
    inbox.says_rcpt = lambda _to: None
    assert world.send(port).sent == 1
    assert len(inbox.to("bea@example.org")) == 1
    assert len(inbox.mails) == 3


def test_550_for_one_ends_its_row_and_the_others_go_on(world: World, inbox: Inbox, port: int) -> None:
    """A dead mailbox costs one attempt; the rest of the list is served on the same connection."""
    three_readers(world)
    inbox.says_rcpt = lambda to: "550 no such user" if to.startswith("ana") else None
    first = world.send(port)
    assert (first.sent, first.failed, first.paused) == (2, 1, 0)
    assert states(world) == {"sent": 2, "failed": 1}
    with world.database.read() as connection:
        (failed,) = OutboxStore(connection).troubled()
    assert failed.last_error == "550 no such user"


def test_550_at_data_is_about_the_recipient_too(world: World, inbox: Inbox, port: int) -> None:
    """A content filter of one mailbox must not stop the round."""
    three_readers(world)
    inbox.says_data = lambda to: "554 rejected" if to.startswith("bea") else None
    done = world.send(port)
    assert (done.sent, done.failed) == (2, 1)


def test_what_a_failed_mail_carried_comes_with_the_next_one(world: World, inbox: Inbox, port: int) -> None:
    """None misses a matching one: a bounce is no delivery."""
    world.subscribe(hour=7)
    world.publish("one")
    world.later(hours=1)
    inbox.says_rcpt = lambda _to: "550 mailbox disabled"
    assert world.send(port).failed == 1
    inbox.says_rcpt = lambda _to: None
    world.publish("two")
    world.later(days=1)
    assert world.send(port).sent == 1
    assert "Title one" in inbox.text()
    assert "Title two" in inbox.text()


def test_third_bounce_in_a_row_pauses_and_resuming_gives_everything(
    world: World, inbox: Inbox, port: int
) -> None:
    """We do not hammer a dead address, and its owner finds nothing missing afterwards."""
    reader = world.subscribe(hour=7).subscriber_id
    inbox.says_rcpt = lambda _to: "550 mailbox disabled"
    paused = []
    for day in range(5):
        world.publish(f"day{day}")
        world.later(days=1)
        paused.append(world.send(port).paused)
    assert paused == [0, 0, 1, 0, 0]
    with world.database.write() as connection:
        store = SubscriberStore(connection)
        known = store.get(reader)
        assert known is not None
        assert (known.state, known.paused_reason) == (SubscriberState.PAUSED, "550 mailbox disabled")
        store.resume(reader)
    inbox.says_rcpt = lambda _to: None
    world.later(days=1)
    assert world.send(port).sent == 1
    assert [day for day in range(5) if f"Title day{day}" in inbox.text()] == [0, 1, 2, 3, 4]


def test_temporary_refusals_end_after_five_days(world: World, inbox: Inbox, port: int) -> None:
    """A mailbox that is full for a week is not tried for ever, and keeps what it is owed."""
    world.subscribe(frequency="at-once")
    world.publish("one")
    inbox.says_rcpt = lambda _to: "452 mailbox full"
    attempts = 0
    while (now := world.send(port)).failed == 0:
        attempts += now.later
        world.later(hours=12)
    assert 8 <= attempts <= 12
    inbox.says_rcpt = lambda _to: None
    world.later(days=1)
    assert world.send(port).sent == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[Path, ssl.SSLContext]]:
    """A certificate for 127.0.0.1 that nobody has reason to trust, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    yield public, context


def test_untrusted_certificate_sends_nothing(
    small_world: World, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    """Who stands in the line must not read who watches what."""
    three_readers(small_world)
    with smtp_server(inbox, tls=certificate[1]) as port:
        round_ = small_world.send(smtp_url=f"smtp://localhost:{port}")
    assert inbox.mails == []
    assert round_.sent == 0
    assert "its certificate is not trusted" in round_.trouble[0]
    assert states(small_world) == {"queued": 3}


def test_certificate_of_a_named_authority_is_accepted_for_its_name_only(
    small_world: World, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    """An organisation with its own authority names it; the name of the server still counts."""
    three_readers(small_world)
    ca, context = certificate
    with smtp_server(inbox, tls=context) as port:
        wrong = small_world.send(smtp_url=f"smtp://127.0.0.1:{port}?ca={ca}")
        assert "its certificate is not trusted" in wrong.trouble[0]
        small_world.later(minutes=10)
        assert small_world.send(smtp_url=f"smtp://localhost:{port}?ca={ca}").sent == 3


def test_server_without_starttls_gets_nothing(small_world: World, inbox: Inbox, port: int) -> None:
    """A stripped STARTTLS is an attack or a mistake; either way the mail waits."""
    three_readers(small_world)
    round_ = small_world.send(smtp_url=f"smtp://localhost:{port}")
    assert "offers no STARTTLS" in round_.trouble[0]
    assert inbox.mails == []


class PowerCut(BaseException):
    """The process ends here."""


def test_crash_between_250_and_commit_repeats_that_one_mail_with_its_message_id(
    world: World, inbox: Inbox, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most the mail under way is sent again, and a mail program can tell that it is the same."""
    three_readers(world)
    real = OutboxStore.sent
    calls = []

    def dies_at_the_second(self: OutboxStore, *rest: object) -> bool:
        calls.append(rest)
        if len(calls) == 2:
            raise PowerCut
        return real(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(OutboxStore, "sent", dies_at_the_second)
    with pytest.raises(PowerCut):
        world.send(port)
    monkeypatch.setattr(OutboxStore, "sent", real)
    assert len(inbox.mails) == 2
    assert world.send(port).sent == 1
    world.later(seconds=LEASE.total_seconds())
    assert world.send(port).sent == 1
    again = inbox.to("bea@example.org")
    assert len(inbox.mails) == 4
    assert len(again) == 2
    assert again[0]["Message-ID"] == again[1]["Message-ID"]
    assert again[0].as_bytes() == again[1].as_bytes()
    world.later(days=1)
    assert world.send(port).sent == 0


ONE_ROUND = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from alerts.run import send_due
from db.engine import open_database
from tests.alerts.world import settings_in
url, folder, port, now = sys.argv[1:]
settings = replace(settings_in(Path(folder)), smtp_url=f"smtp://127.0.0.1:{port}?tls=off")
print(send_due(open_database(url), settings, datetime.fromisoformat(now), permitted=lambda _: False).sent)
"""


def test_kill_9_after_the_250_repeats_at_most_that_one_mail(
    small_world: World, sqlite_url: str, inbox: Inbox, port: int
) -> None:
    """The same with a real process: its commit is held off by a lock until it has been killed."""
    world = small_world
    three_readers(world)
    assert world.send(free_port()).trouble
    world.later(minutes=5)

    def start() -> subprocess.Popen[str]:
        told = [sqlite_url, str(world.settings.data_dir), str(port), world.now.isoformat()]
        return subprocess.Popen(
            [sys.executable, "-c", ONE_ROUND, *told], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    holder = sqlite3.connect(str(world.database.path), isolation_level=None, check_same_thread=False)

    def hold(_to: str) -> None:
        if len(inbox.mails) == 2:
            holder.execute("BEGIN IMMEDIATE")

    inbox.after_data = hold
    process = start()
    while len(inbox.mails) < 2 or not holder.in_transaction:
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    holder.rollback()
    holder.close()
    inbox.after_data = lambda _to: None
    world.later(minutes=1, seconds=LEASE.total_seconds())
    assert world.send(port).sent == 2
    ids = [message["Message-ID"] for _, message in inbox.mails]
    assert len(ids) == 4
    assert len(set(ids)) == 3
    assert {to for to, _ in inbox.mails} == {"ana@example.org", "bea@example.org", "carla@example.org"}


def test_connection_that_breaks_between_two_mails_is_opened_again(small_world: World, inbox: Inbox) -> None:
    """Servers hang up after some mails; that is no reason to end the round."""
    three_readers(small_world)
    with smtp_server(inbox) as port:
        server = MailServer(Server(host="127.0.0.1", port=port, security=Security.OFF))
        assert server.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Accepted()
        assert server._open is not None
        assert server._open.sock is not None
        server._open.sock.close()
        assert server.send("a@example.org", "b@example.org", b"Subject: y\r\n\r\ny\r\n") == Accepted()
        server.close()
    assert len(inbox.mails) == 2


def test_two_processes_prepare_and_send_each_digest_once(world: World, inbox: Inbox, port: int) -> None:
    """A scheduler and a cron job at the same minute must not double anything."""
    for number in range(12):
        world.subscribe(f"r{number}@example.org", frequency="at-once")
    world.publish("one")
    world.publish("two")
    with ThreadPoolExecutor(3) as pool:
        rounds = list(pool.map(lambda _n: world.send(port), range(3)))
    rest = world.send(port)
    assert sum(one.sent for one in [*rounds, rest]) == 12
    assert sorted(to for to, _ in inbox.mails) == sorted(f"r{n}@example.org" for n in range(12))
    assert all("/one" in body(mail) and "/two" in body(mail) for _, mail in inbox.mails)
