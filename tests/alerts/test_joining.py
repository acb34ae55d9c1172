"""Joining and leaving: only the owner of a mailbox decides, and nobody learns who is subscribed."""

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.links import LASTS, Purpose, make_token, read_secret, read_token
from alerts.pages import Answer, Request, answer
from alerts.run import secret_of
from alerts.server import make_server
from core.errors import SettingsError
from core.subscription import Channel, SubscriberState
from db.subscribers import SubscriberStore
from tests.alerts.world import START, Inbox, World

SECRET = b"0123456789abcdef0123456789abcdef"


def ask(world: World, path: str, form: dict[str, str] | None = None) -> Answer:
    request = Request(method="GET" if form is None else "POST", path=path, form=form or {})
    return answer(
        world.database, secret_of(world.settings), request, world.now, public_url="https://amparo.example"
    )


def links(text: str) -> dict[str, str]:
    return {kind: path for path, kind in re.findall(r"https://amparo\.example(/(\w+)/[\w-]+)", text)}


def test_mail_address_gets_nothing_until_its_owner_confirms(world: World, inbox: Inbox, port: int) -> None:
    """Double opt-in: typing an address into a form sends one mail and begins nothing."""
    form = {"address": "ana@example.org", "query": "CECOT", "frequency": "at-once"}
    assert ask(world, "/subscribe", form).status == 200
    world.publish("before", title="CECOT before")
    assert world.send(port).sent == 1
    assert "Please confirm" in inbox.mails[0][1]["Subject"]
    path = links(inbox.mails[0][1].get_content())["confirm"]
    assert ask(world, path).status == 200
    world.later(hours=1)
    assert world.send(port).sent == 0
    assert "Confirmed" in ask(world, path, {}).body
    world.publish("after", title="CECOT after")
    assert world.send(port).sent == 1
    assert "CECOT after" in inbox.text()
    assert "CECOT before" not in inbox.text()


def test_get_neither_confirms_nor_unsubscribes(world: World, inbox: Inbox, port: int) -> None:
    """Mail scanners open every link."""
    world.subscribe(frequency="at-once")
    world.publish("one")
    world.send(port)
    path = links(inbox.text())["unsubscribe"]
    assert "<form" in ask(world, path).body
    world.later(hours=1)
    world.publish("two")
    assert world.send(port).sent == 1


def test_one_click_ends_the_digest_and_forgets_the_address(world: World, inbox: Inbox, port: int) -> None:
    """One POST without questions, and with the last digest the address is deleted."""
    world.subscribe(frequency="at-once")
    world.publish("one")
    world.send(port)
    path = links(inbox.text())["unsubscribe"]
    for _ in range(2):
        done = ask(world, path, {"List-Unsubscribe": "One-Click"})
        assert (done.status, "Done" in done.body) == (200, True)
    world.later(hours=1)
    world.publish("two")
    assert world.send(port).sent == 0
    with world.database.read() as connection:
        assert SubscriberStore(connection).all() == []


def test_leaving_one_digest_keeps_the_other(world: World, inbox: Inbox, port: int) -> None:
    """The link of a digest ends that digest."""
    world.subscribe(query="tag:prison-conditions", frequency="at-once")
    world.subscribe(query="tag:deportation-flights", frequency="at-once")
    world.publish("one", tags=("prison-conditions",))
    world.send(port)
    ask(world, links(inbox.text())["unsubscribe"], {})
    world.later(hours=1)
    world.publish("two", tags=("prison-conditions",))
    world.publish("three", tags=("deportation-flights",))
    assert world.send(port).sent == 1
    assert "Title three" in inbox.text()


def test_page_says_the_same_whether_or_not_an_address_is_subscribed(
    world: World, inbox: Inbox, port: int
) -> None:
    """Who asks with somebody else's address must not learn whether that person reads Amparo."""
    world.subscribe("ana@example.org", query="x")
    world.later(days=2)
    form = {"query": "x", "frequency": "daily"}
    known = ask(world, "/subscribe", {**form, "address": "ana@example.org"})
    new = ask(world, "/subscribe", {**form, "address": "bea@example.org"})
    repeated = ask(world, "/subscribe", {**form, "address": "bea@example.org"})
    assert known == new == repeated
    assert world.send(port).sent == 2
    assert sorted(to for to, _ in inbox.mails) == ["ana@example.org", "bea@example.org"]
    assert "confirm" not in links(inbox.to("ana@example.org")[0].get_content())
    world.later(hours=1)
    assert world.send(port).sent == 0


def test_forged_and_foreign_links_get_one_answer(world: World) -> None:
    """Guessing finds nothing, and a link for one thing does no other."""
    secret = secret_of(world.settings)
    mine = world.subscribe()
    confirm = make_token(secret, Purpose.CONFIRM, mine.subscriber_id, mine.id, world.now)
    gone = make_token(secret, Purpose.PREFERENCES, 999, 0, world.now)
    answers = [
        ask(world, f"/preferences/{token}")
        for token in ("x", "", confirm, confirm[:-1] + "A", gone, "p1-0-0-" + "A" * 32, "ñ" * 50)
    ]
    assert {one.status for one in answers} == {404}
    assert len({one.body for one in answers}) == 1
    assert ask(world, f"/unsubscribe/{confirm}", {}).status == 200
    with world.database.read() as connection:
        assert len(SubscriberStore(connection).all()) == 1


@given(st.text(max_size=100))
def test_no_text_is_a_token(text: str) -> None:
    """Whatever comes in an address is answered, never an error."""
    assert read_token(SECRET, text, START) is None


@pytest.mark.parametrize("purpose", list(Purpose))
def test_tokens_end_when_they_should(purpose: Purpose) -> None:
    """A confirmation is good for a week; a way out is good for ever."""
    token = make_token(SECRET, purpose, 3, 4, START)
    found = read_token(SECRET, token, START)
    assert found is not None
    assert (found.purpose, found.subscriber_id, found.subscription_id) == (purpose, 3, 4)
    much_later = read_token(SECRET, token, START + timedelta(days=4000))
    assert (much_later is None) is (purpose in LASTS)
    assert read_token(b"another secret of enough length..", token, START) is None
    assert len(token) < 60


def test_preferences_are_changed_and_checked(world: World) -> None:
    """A reader moves to Madrid, reads Spanish, and wants it weekly; nonsense changes nothing."""
    mine = world.subscribe()
    token = make_token(secret_of(world.settings), Purpose.PREFERENCES, mine.subscriber_id, 0, world.now)
    path, number = f"/preferences/{token}", mine.id
    wrong = ask(world, path, {"timezone": "Mars/Base", "language": "es"})
    assert "Mars/Base" in wrong.body
    form = {"language": "es", "timezone": "Europe/Madrid", f"frequency-{number}": "weekly"}
    form |= {f"hour-{number}": "9", f"weekday-{number}": "4", f"even-{number}": "on"}
    assert "Guardado" in ask(world, path, form).body
    with world.database.read() as connection:
        store = SubscriberStore(connection)
        reader, changed = store.get(mine.subscriber_id), store.subscription(number)
    assert reader is not None
    assert changed is not None
    assert (reader.language, reader.timezone) == ("es", "Europe/Madrid")
    assert (changed.frequency, changed.hour, changed.weekday) == ("weekly", 9, 4)
    assert changed.even_if_empty
    assert ask(world, path, {"do": "all"}).status == 200
    assert ask(world, path).status == 404


def test_address_that_never_confirms_is_forgotten(world: World, inbox: Inbox, port: int) -> None:
    """An address somebody else typed in is not kept."""
    ask(world, "/subscribe", {"address": "ana@example.org"})
    world.send(port)
    world.later(days=9)
    world.send(port)
    with world.database.read() as connection:
        assert SubscriberStore(connection).all() == []
    assert len(inbox.mails) == 1


def test_feed_shows_what_was_given_and_nothing_without_its_token(world: World) -> None:
    """A private feed for a reader program, in both forms."""
    world.subscribe("", channel=Channel.FEED, frequency="at-once", name='Feed "<x>"')
    with world.database.read() as connection:
        (reader,) = SubscriberStore(connection).all()
    world.publish("one", title="Title <one> & more", text="14 people detained there. " + "word " * 50)
    world.send()
    atom, json_feed = (ask(world, f"/feed/{reader.address}.{form}") for form in ("atom", "json"))
    assert "Title &lt;one&gt; &amp; more" in atom.body
    assert atom.content_type.startswith("application/atom+xml")
    entries = ElementTree.fromstring(atom.body).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    (item,) = json.loads(json_feed.body)["items"]
    assert (item["url"], item["title"]) == ("https://vigia.example/one", "Title <one> & more")
    assert ask(world, f"/feed/{'x' * 32}.atom").status == 404
    assert reader.state is SubscriberState.ACTIVE


@contextmanager
def serving(world: World) -> Iterator[str]:
    """The real server of `amparo subscriber serve` on a port of this machine."""
    server = make_server(
        world.database, secret_of(world.settings), host="127.0.0.1", port=0,
        public_url="https://amparo.example", clock=lambda: world.now,
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_pages_over_http_are_safe_to_open(small_world: World) -> None:
    """The token in an address must not leak by referrer, cache or frame."""
    with serving(small_world) as home:
        with urllib.request.urlopen(f"{home}/subscribe") as found:
            assert found.headers["Referrer-Policy"] == "no-referrer"
            assert found.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in found.headers["Content-Security-Policy"]
        form = urlencode({"address": "ana@example.org", "query": "CECOT"}).encode()
        with urllib.request.urlopen(f"{home}/subscribe", data=form) as found:
            assert found.status == 200
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(f"{home}/unsubscribe/nonsense")
        assert refused.value.code == 404
        refused.value.close()
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(f"{home}/subscribe", data=b"x" * 70_000)
        assert refused.value.code == 413
        refused.value.close()
    with small_world.database.read() as connection:
        assert [one.address for one in SubscriberStore(connection).all()] == ["ana@example.org"]


def test_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Losing it breaks every link; sharing it lets others unsubscribe people."""
    file = tmp_path_factory.mktemp("s") / "deep" / "secret"
    first = read_secret(file)
    assert read_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("short")
    with pytest.raises(SettingsError, match="32 characters"):
        read_secret(file)
