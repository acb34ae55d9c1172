"""A whole round against a real SMTP server: what is told, once, and to whom."""

from alerts.run import Sent
from tests.alerts.world import Inbox, World, body
from tests.db.samples import prose


def test_daily_digest_tells_a_matching_report_once(world: World, inbox: Inbox, port: int) -> None:
    """The product for most readers: what matches comes at the hour, and never again."""
    world.subscribe(query="tag:prison-conditions", hour=7)
    world.crawled()
    world.publish("one")
    world.publish("other", tags=("deportation-flights",))
    assert world.send(port) == Sent(matched=1)
    world.later(hours=1)
    assert world.send(port) == Sent(prepared=1, sent=1)
    world.later(hours=1)
    assert world.send(port) == Sent()
    world.later(days=1)
    assert world.send(port) == Sent()
    assert len(inbox.mails) == 1
    text = inbox.text()
    assert "Title one" in text
    assert "https://vigia.example/one" in text
    assert "Title other" not in text
    assert "1 of 1 sources checked in full" in text


def test_changed_report_comes_again_with_what_changed(world: World, inbox: Inbox, port: int) -> None:
    """An edit of a figure after publication is news; the reader sees both wordings."""
    world.subscribe(frequency="at-once")
    text = prose("one")
    world.publish("one", text=f"{text}. The ministry counts 240 people detained there. {text}")
    assert world.send(port).sent == 1
    world.later(hours=1)
    world.publish("one", text=f"{text}. The ministry counts 190 people detained there. {text}")
    assert world.send(port).sent == 1
    told = " ".join(inbox.text().split())
    assert "CHANGED SINCE YOU RECEIVED IT" in told
    assert "Was (figure): The ministry counts 240 people detained there." in told
    assert "Now: The ministry counts 190 people detained there." in told
    assert "190" in body(inbox.mails[-1][1], "html")


def test_correction_that_removes_the_words_searched_for_is_told(
    world: World, inbox: Inbox, port: int
) -> None:
    """Whoever received a claim must hear that it was withdrawn, though it matches no more."""
    world.subscribe(query="CECOT", frequency="at-once")
    world.publish("one", title="Transfer to CECOT confirmed")
    assert world.send(port).sent == 1
    world.later(hours=1)
    world.publish("one", title="Transfer denied")
    assert world.send(port).sent == 1
    assert "Transfer denied" in inbox.text()


def test_two_searches_of_one_reader_give_a_report_once(world: World, inbox: Inbox, port: int) -> None:
    """Never an item twice in a subscriber's life, whatever it matches."""
    world.subscribe(query="tag:prison-conditions", hour=7)
    world.subscribe(query="", hour=7)
    world.publish("one")
    world.publish("two", tags=())
    world.later(hours=1)
    assert world.send(port).sent == 2
    told = "".join(body(mail) for _, mail in inbox.mails)
    assert told.count("https://vigia.example/one\n") == 1
    assert told.count("https://vigia.example/two\n") == 1


def test_echoes_are_one_story_with_its_original_first(world: World, inbox: Inbox, port: int) -> None:
    """Twelve copies of one agency text are one item, not twelve."""
    world.subscribe(hour=7)
    text = prose("agency", 200)
    world.publish("original", text=text, by="agency", title="Original words")
    for name in ("alpha", "beta", "gamma"):
        world.publish("copy", text=text, by=name, title="Original words")
    world.later(hours=1)
    assert world.send(port).sent == 1
    told = inbox.text()
    assert inbox.mails[0][1]["Subject"].endswith("1 story")
    assert told.count("Original words") == 1
    assert "https://agency.example/original" in told
    assert "and 3 outlets: Alpha, Beta, Gamma" in told


def test_later_echoes_of_a_known_story_come_in_brief(world: World, inbox: Inbox, port: int) -> None:
    """A copy a day later is told as a repetition, not as a new story."""
    world.subscribe(hour=7)
    text = prose("agency", 200)
    world.publish("original", text=text, by="agency", title="Original words")
    world.later(hours=1)
    assert world.send(port).sent == 1
    world.publish("copy", text=text, by="beta", title="Original words")
    world.later(days=1)
    assert world.send(port).sent == 1
    assert "REPEATED AGAIN" in inbox.text()
    assert "Now also in Beta" in inbox.text()


def test_removal_is_told_with_the_kept_copy(world: World, inbox: Inbox, port: int) -> None:
    """A report that disappears at its source is news to those who relied on it."""
    world.subscribe(frequency="at-once")
    world.publish("one")
    assert world.send(port).sent == 1
    world.later(days=3)
    world.happened("report.removed", 1)
    assert world.send(port).sent == 1
    told = " ".join(inbox.text().split())
    assert "[REMOVED AT ITS SOURCE]" in told
    assert "The copy read on 2 March 2026 is kept." in told
    world.later(days=3)
    assert world.send(port).sent == 0


def test_empty_digest_is_not_sent_unless_asked_for(world: World, inbox: Inbox, port: int) -> None:
    """Silence by default; a weekly all-quiet for those who want to know that we looked."""
    world.subscribe("quiet@example.org", frequency="weekly", hour=7)
    world.subscribe("say@example.org", frequency="weekly", hour=7, even_if_empty=True)
    world.crawled()
    world.crawled("silent", "failed", "the index answered 503")
    world.later(hours=1)
    assert world.send(port).sent == 1
    assert [to for to, _ in inbox.mails] == ["say@example.org"]
    told = " ".join(inbox.text().split())
    assert "all quiet" in inbox.mails[0][1]["Subject"]
    assert "1 of 2 sources checked in full. The other one was not: silence there is not absence." in told
    assert "Silent: nothing known since" in told
    assert "the index answered 503" in told


def test_report_taken_down_after_preparing_is_not_sent(world: World, inbox: Inbox, port: int) -> None:
    """A takedown must hold also for what already waits in the outbox."""
    from db.tombstones import TombstoneStore

    world.subscribe(frequency="at-once")
    world.publish("kept")
    world.publish("down")
    assert world.send(9).trouble
    with world.database.write() as connection:
        TombstoneStore(connection).add("https://vigia.example/down", "asked", world.now)
    world.later(hours=1)
    assert world.send(port).sent == 1
    assert "/kept" in inbox.text()
    assert "/down" not in inbox.text()
