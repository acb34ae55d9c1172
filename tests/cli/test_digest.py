"""amparo digest and amparo subscriber, as an operator uses them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.digest import command as digest
from cli.subscriber import command as subscriber
from core.errors import InputError
from core.subscription import SubscriptionState
from db.engine import Database
from db.subscribers import SubscriberStore, UnknownSubscriber
from pipeline.intake import commit_batch
from tests.alerts.world import Inbox, body, smtp_server
from tests.db.samples import item, prose, report

Run = Callable[..., Result]


@pytest.fixture
def amparo(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `digest …` or `subscriber …` in the configured database."""
    monkeypatch.setenv("AMPARO_DATABASE_URL", database_url)
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AMPARO_PUBLIC_URL", "https://amparo.example/")
    monkeypatch.setenv("AMPARO_MAIL_FROM", "Amparo <digests@amparo.example>")

    def run(*arguments: str) -> Result:
        group = digest if arguments[0] == "digest" else subscriber
        return CliRunner().invoke(group, arguments[1:], catch_exceptions=False)

    return run


def publish(database: Database, name: str) -> None:
    now = datetime.now(UTC)
    commit_batch(database, [item(report(f"https://vigia.example/{name}", prose(name), at=now))], now)


def test_from_adding_to_unsubscribing(
    amparo: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole life of a subscription with the commands alone."""
    inbox = Inbox()
    with smtp_server(inbox) as port:
        monkeypatch.setenv("AMPARO_SMTP_URL", f"smtp://127.0.0.1:{port}?tls=off")
        added = amparo("subscriber", "add", "ana@example.org", "--frequency", "at-once", "--language", "es")
        assert "Subscription 1 added" in added.output
        assert amparo("digest", "send").output.splitlines()[-1] == "1 sent, 0 to be tried again, 0 failed."
        link = re.search(r"https://amparo\.example/confirm/\S+", inbox.mails[0][1].get_content())
        assert link is not None
        assert amparo("subscriber", "confirm", link[0]).output == "Confirmed.\n"
        publish(database, "one")
        assert json.loads(amparo("digest", "send", "--json").output)["sent"] == 1
        text = body(inbox.mails[1][1])
        assert "NUEVO" in text
        leave = re.search(r"https://amparo\.example/unsubscribe/\S+", text)
        assert leave is not None
        assert amparo("subscriber", "unsubscribe", leave[0]).output == "Done.\n"
    assert amparo("subscriber", "list").output == ""


def test_server_that_is_down_is_said_and_sets_the_exit_status(
    amparo: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cron job must be able to report it; what waits is seen with `digest status`."""
    monkeypatch.setenv("AMPARO_SMTP_URL", "smtp://127.0.0.1:9?tls=off")
    amparo("subscriber", "add", "ana@example.org")
    done = amparo("digest", "send")
    assert done.exit_code == 1
    assert "127.0.0.1:9: connection refused" in done.output
    status = json.loads(amparo("digest", "status", "--json").output)
    assert status["counts"] == {"queued": 1}
    assert "connection refused" in status["troubled"][0]["reason"]
    assert "connection refused" in amparo("digest", "status").output


def test_setting_that_is_missing_is_named(amparo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail without a link to leave must not go out."""
    monkeypatch.setenv("AMPARO_SMTP_URL", "smtp://127.0.0.1:9?tls=off")
    monkeypatch.delenv("AMPARO_PUBLIC_URL")
    amparo("subscriber", "add", "ana@example.org")
    assert "AMPARO_PUBLIC_URL" in amparo("digest", "send").output


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_preview_shows_and_notes_nothing(amparo: Run, database: Database, form: str) -> None:
    """An operator looks first; looking must not count as having told anybody."""
    publish(database, "one")
    shown = amparo("digest", "preview", "--form", form, "--language", "es").output
    assert "https://vigia.example/one" in shown
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM delivery").scalar() == 0
    assert "https://vigia.example/one" not in amparo("digest", "preview", "--query", "nowhere").output


def test_preview_opens_a_file(
    amparo: Run, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--open` shows the mail as a browser does."""
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    publish(database, "one")
    amparo("digest", "preview", "--open")
    assert opened == [(tmp_path / "digest-preview.html").as_uri()]
    assert "<!DOCTYPE html>" in (tmp_path / "digest-preview.html").read_text(encoding="utf-8")


def test_preview_of_a_reader_shows_what_waits(
    amparo: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the next mail of one person."""
    monkeypatch.setenv("AMPARO_SMTP_URL", "smtp://127.0.0.1:9?tls=off")
    amparo("subscriber", "add", "ana@example.org", "--query", "tag:prison-conditions")
    with database.write() as connection:
        SubscriberStore(connection).activate(1, datetime.now(UTC))
    publish(database, "one")
    amparo("digest", "send")
    assert (
        "https://vigia.example/one" in amparo("digest", "preview", "--subscriber", "ana@example.org").output
    )
    with pytest.raises(UnknownSubscriber):
        amparo("digest", "preview", "--subscriber", "bea@example.org")


def test_webhook_and_feed_begin_at_once_with_their_secrets_shown(amparo: Run) -> None:
    """They are set up by the operator; there is no mailbox to ask."""
    hook = amparo("subscriber", "add", "https://hooks.example.org/x", "--notice-to", "a@example.org").output
    assert re.search(r"whsec_[0-9a-f]{64}", hook)
    feed = amparo("subscriber", "add", "--feed").output
    assert re.search(r"https://amparo\.example/feed/[\w-]{32}\.atom", feed)
    listed = [json.loads(line) for line in amparo("subscriber", "list", "--json").output.splitlines()]
    assert [one["state"] for one in listed] == ["active", "active"]


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["a@example.org", "--feed"], ["http://x.org/"]])
def test_wrong_address_is_refused(amparo: Run, arguments: list[str]) -> None:
    """Nothing half-understood is stored."""
    with pytest.raises(InputError):
        amparo("subscriber", "add", *arguments)


def test_pausing_resuming_allowing_and_removing(amparo: Run, database: Database) -> None:
    """What an operator may do for a reader who asks."""
    amparo("subscriber", "add", "Ana@example.org", "--frequency", "weekly")
    with database.write() as connection:
        SubscriberStore(connection).activate(1, datetime.now(UTC))
    assert amparo("subscriber", "pause", "ana@example.org").output == "Paused.\n"
    assert "paused (paused by the operator)" in amparo("subscriber", "list").output
    amparo("subscriber", "resume", "ana@example.org")
    for _ in range(3):
        amparo("subscriber", "bounced", "ana@example.org")
    assert "mails came back" in amparo("subscriber", "list").output
    assert "unmasked" in amparo("subscriber", "allow-personal", "1").output
    with database.read() as connection:
        (one,) = SubscriberStore(connection).subscriptions(states=[SubscriptionState.ACTIVE])
        assert one.allow_personal
    amparo("subscriber", "allow-personal", "1", "--no")
    assert amparo("subscriber", "remove", "ana@example.org").output == "Removed.\n"
    with pytest.raises(UnknownSubscriber):
        amparo("subscriber", "remove", "ana@example.org")
