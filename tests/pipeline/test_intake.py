"""What intake decides, and that a batch is stored whole, once, and found again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.event import REPORT_DUPLICATE, REPORT_NEW, REPORT_UPDATED
from core.report import Duplicate, New, Quarantined, Unchanged, Updated, Withdrawn
from core.source import Storage
from db import tables
from db.engine import Database, RowRefused
from db.stores import Stores
from pipeline.intake import commit_batch
from pipeline.items import EventItem, QuarantineItem, ReportItem, VisitItem
from tests.db.samples import NOW, WORDS, item, prose, report, source, visit

LATER = NOW + timedelta(hours=1)
A, B, C = (f"https://vigia.example/{name}" for name in "abc")


def rows(database: Database, name: str) -> int:
    with database.read() as connection:
        table = tables.metadata.tables[name]
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def kinds(database: Database) -> list[str]:
    with database.read() as connection:
        return [one.event.kind for one in Stores(connection).events.since(0)]


def test_new_report_is_stored_with_everything_about_it(database: Database) -> None:
    """A researcher must find every fact of how the report came to us."""
    text = prose("uno")
    one = item(report(A, text, published=NOW - timedelta(days=2)))
    assert commit_batch(database, [one], NOW) == [New()]
    with database.read() as connection:
        stores = Stores(connection)
        stored = stores.reports.by_url(A)
        assert stored is not None
        assert (stored.title, stored.text, stored.tier, stored.authors) == (
            "Families wait",
            text,
            "A",
            ["Ana Ficticia"],
        )
        assert stored.published == NOW - timedelta(days=2)
        assert (stored.published_precision, stored.published_origin) == ("day", "jsonld")
        assert stored.dates[0]["origin"] == "jsonld"
        assert stored.first_seen == stored.last_seen == NOW
        assert [tag.id for tag in stores.reports.tags([stored.id])[stored.id]] == ["prison-conditions"]
        assert [v.text for v in stores.reports.versions(stored.id)] == [text]
        known = stores.visits.get(A)
        assert known is not None
        assert (known.outcome, known.etag) == ("stored", '"1"')
    assert [rows(database, name) for name in ("capture", "report_sighting", "fingerprint")] == [1, 1, 1]
    assert rows(database, "sketch") == 42
    assert kinds(database) == [REPORT_NEW]


def test_same_items_twice_change_nothing(database: Database) -> None:
    """A crash between commit and acknowledgement makes the next run submit them again."""
    batch = [item(report(A, prose("uno"))), item(report(B, prose("dos"))), item(report(C, prose("uno")))]
    first = commit_batch(database, batch, NOW)
    before = {name: rows(database, name) for name in tables.metadata.tables}
    second = commit_batch(database, batch, LATER)
    assert [type(one) for one in first] == [New, New, Duplicate]
    assert [type(one) for one in second] == [Unchanged] * 3
    assert {name: rows(database, name) for name in tables.metadata.tables} == before


def test_item_twice_in_one_batch_is_stored_once(database: Database) -> None:
    """Two feeds of one source list the same address in the same second."""
    one = item(report(A, prose("uno")))
    assert [type(r) for r in commit_batch(database, [one, one], NOW)] == [New, Unchanged]
    assert rows(database, "report") == 1


def test_address_listed_by_two_sources_is_one_report_seen_by_both(database: Database) -> None:
    """All pages are stored once, not once a source, and who listed them is kept."""
    one = report(A, prose("uno"))
    commit_batch(database, [item(one, source("vigia")), item(one, source("faro"))], NOW)
    assert (rows(database, "report"), rows(database, "report_sighting")) == (1, 2)


def test_copy_at_another_address_is_kept_and_points_to_the_original(database: Database) -> None:
    """A reprint is evidence of its own, but not news."""
    text = prose("uno", 200)
    padded = text + " " + prose("coda", 10)
    commit_batch(database, [item(report(A, text))], NOW)
    result = commit_batch(database, [item(report(B, padded)), item(report(C, padded))], LATER)
    assert [type(one) for one in result] == [Duplicate, Duplicate]
    with database.read() as connection:
        reports = Stores(connection).reports
        first, second, third = (reports.by_url(url) for url in (A, B, C))
        assert first and second and third
        assert first.duplicate_of is None
        assert second.duplicate_of == third.duplicate_of == first.id, "never a chain"
        assert second.tier == "A"
    assert kinds(database) == [REPORT_NEW, REPORT_DUPLICATE, REPORT_DUPLICATE]


def test_copies_inside_one_batch_are_found(database: Database) -> None:
    """The original and its copy often arrive in the same second."""
    text = prose("uno", 200)
    batch = [item(report(url, text + f" {url[-1]} end")) for url in (A, B, C)]
    assert [type(one) for one in commit_batch(database, batch, NOW)] == [New, Duplicate, Duplicate]


def test_short_notices_are_never_called_copies(database: Database) -> None:
    """'See the attached document.' stands under many different documents."""
    batch = [item(report(url, "See the attached document for the full text of the order.")) for url in (A, B)]
    assert commit_batch(database, batch, NOW) == [New(), New()]


def test_same_wording_without_bands_is_a_copy_from_twenty_words_on(database: Database) -> None:
    """Exact copies are folded even where the near-duplicate index has nothing to say."""
    text = "Human rights defenders denounced that forty families still wait for news of relatives taken"
    text += " from the community of Las Ficticias during the night of Tuesday"
    batch = [item(report(url, text)) for url in (A, B)]
    assert [type(one) for one in commit_batch(database, batch, NOW)] == [New, Duplicate]


def test_changed_text_makes_a_version_and_an_event(database: Database) -> None:
    """What a page said before must stay citable."""
    commit_batch(database, [item(report(A, prose("uno")))], NOW)
    changed = report(A, prose("dos"), title="Families still wait", at=LATER)
    assert commit_batch(database, [item(changed)], LATER) == [Updated(of=1, changes=("title", "text"))]
    with database.read() as connection:
        reports = Stores(connection).reports
        stored = reports.by_url(A)
        assert stored is not None
        assert (stored.text, stored.version, stored.first_seen) == (prose("dos"), 2, NOW)
        assert [(v.version, v.text, v.changes) for v in reports.versions(1)] == [
            (1, prose("uno"), []),
            (2, prose("dos"), ["title", "text"]),
        ]
    assert kinds(database) == [REPORT_NEW, REPORT_UPDATED]
    assert rows(database, "sketch") == 42


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("  " + WORDS.replace(" ", "  ") + "\n", Unchanged(of=1)),
        (WORDS.replace("families", "families,"), Updated(of=1, changes=("typography",))),
    ],
)
def test_spacing_is_no_change_and_marks_are_typography(
    database: Database, text: str, outcome: Unchanged | Updated
) -> None:
    """Another build of a page must not be news."""
    commit_batch(database, [item(report(A, WORDS))], NOW)
    assert commit_batch(database, [item(report(A, text, at=LATER))], LATER) == [outcome]


def test_late_replay_does_not_bring_back_an_older_wording(database: Database) -> None:
    """A spool may be replayed after a newer crawl."""
    commit_batch(database, [item(report(A, prose("dos"), at=LATER))], LATER)
    assert commit_batch(database, [item(report(A, prose("uno"), at=NOW))], LATER) == [Unchanged(of=1)]
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(A)
        assert stored is not None
        assert (stored.text, stored.last_seen) == (prose("dos"), LATER)


def test_shrunken_text_is_quarantined_and_the_stored_one_kept(database: Database) -> None:
    """A block page or a broken extraction must not overwrite evidence."""
    commit_batch(database, [item(report(A, prose("uno", 400)))], NOW)
    result = commit_batch(database, [item(report(A, "Just a moment", at=LATER))], LATER)[0]
    assert isinstance(result, Quarantined)
    assert "the text shrank from" in result.reason
    with database.read() as connection:
        stores = Stores(connection)
        stored, known = stores.reports.by_url(A), stores.visits.get(A)
        assert stored is not None
        assert known is not None
        assert (stored.text, stored.version) == (prose("uno", 400), 1)
        assert (known.outcome, known.etag) == ("quarantined", None), "a 304 would hide the page for good"
        assert stores.quarantine.list(url=A)[0].step == "intake"


def test_withdrawn_report_stays_withdrawn(database: Database) -> None:
    """A takedown must survive the next crawl."""
    with database.write() as connection:
        Stores(connection).tombstones.add(A, "asked for by the person named", NOW)
    assert commit_batch(database, [item(report(A, prose("uno")))], NOW) == [Withdrawn(url=A)]
    assert [rows(database, name) for name in ("report", "capture", "event")] == [0, 0, 0]


def test_filtered_source_leaves_only_the_title_of_what_is_out_of_scope(database: Database) -> None:
    """The address must be known, and a general newspaper must not be copied."""
    paper = source("paper", relevance="filter")
    out = report(A, prose("uno"), tier="X")
    assert commit_batch(database, [item(out, paper)], NOW) == [New()]
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(A)
        assert stored is not None
        assert (stored.title, stored.text, stored.tier, stored.text_kept) == (
            "Families wait",
            "",
            "X",
            "none",
        )
    assert [rows(database, name) for name in ("report_tag", "sketch", "event")] == [0, 0, 0]


def test_report_that_comes_into_scope_is_announced_as_new(database: Database) -> None:
    """Its first wording was out of scope, so nobody was told of it."""
    paper = source("paper", relevance="filter")
    commit_batch(database, [item(report(A, prose("uno"), tier="X"), paper)], NOW)
    result = commit_batch(database, [item(report(A, prose("uno"), tier="A", at=LATER), paper)], LATER)
    assert result == [Updated(of=1, changes=("kept",))]
    assert kinds(database) == [REPORT_NEW]


def test_report_that_leaves_the_scope_keeps_its_text(database: Database) -> None:
    """An edit that drops the decisive word must not blank the evidence."""
    paper = source("paper", relevance="filter")
    commit_batch(database, [item(report(A, prose("uno"), tier="A"), paper)], NOW)
    commit_batch(database, [item(report(A, prose("dos"), tier="X", at=LATER), paper)], LATER)
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(A)
        assert stored is not None
        assert (stored.tier, stored.text, stored.text_kept) == ("X", prose("dos"), "full")


def test_source_out_of_scope_but_watched_whole_is_stored_in_full(database: Database) -> None:
    """relevance: all means that a person decides."""
    commit_batch(database, [item(report(A, prose("uno"), tier="X"))], NOW)
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(A)
        assert stored is not None
        assert stored.text == prose("uno")


def test_licence_for_an_excerpt_cuts_the_text_and_keeps_its_tags(database: Database) -> None:
    """What may only be quoted is not copied; the duplicate of the whole text is still found."""
    press = source("press", storage=Storage.EXCERPT)
    text = prose("uno", 300)
    commit_batch(database, [item(report(A, text), press)], NOW)
    with database.read() as connection:
        reports = Stores(connection).reports
        stored = reports.by_url(A)
        assert stored is not None
        assert len(stored.text) <= 500
        assert text.startswith(stored.text + " ")
        assert stored.text_length == len(text)
        assert reports.tags([1])[1][0].spans == ((0, 3, "text"),)
        assert reports.versions(1)[0].text == stored.text
    assert commit_batch(database, [item(report(A, text, at=LATER), press)], LATER) == [Unchanged(of=1)]
    result = commit_batch(database, [item(report(B, text, at=LATER))], LATER)
    assert isinstance(result[0], Duplicate)


def test_original_that_turns_into_a_copy_takes_its_copies_along(database: Database) -> None:
    """duplicate_of always names an original, so that folding needs one step."""
    stub, full = prose("stub", 60), prose("full", 200)
    commit_batch(database, [item(report(A, stub)), item(report(B, stub)), item(report(C, full))], NOW)
    commit_batch(database, [item(report(A, full, at=LATER))], LATER)
    with database.read() as connection:
        reports = Stores(connection).reports
        assert reports.duplicates(3) == [1, 2]


def test_copy_that_gets_words_of_its_own_stands_alone(database: Database) -> None:
    """A reprint that was rewritten is a report."""
    commit_batch(database, [item(report(A, prose("uno"))), item(report(B, prose("uno")))], NOW)
    commit_batch(database, [item(report(B, prose("dos"), at=LATER))], LATER)
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(B)
        assert stored is not None
        assert stored.duplicate_of is None


def test_other_items_are_stored_and_answer_none(database: Database) -> None:
    """Failures and visits ride in the same transaction as the reports."""
    bad = Quarantined(source_id="vigia", url=B, step="extract", reason="no text")
    done = visit(C, outcome="not_modified")
    results = commit_batch(
        database, [QuarantineItem(quarantined=bad, visit=visit(B)), VisitItem(visit=done)], NOW
    )
    assert results == [None, None]
    assert (rows(database, "quarantine"), rows(database, "visit")) == (1, 2)


def test_characters_a_database_refuses_are_replaced_in_place(database: Database) -> None:
    """A NUL or half a surrogate pair in a page must neither lose it nor move the spans."""
    text = "\x00" + WORDS + "\ud800"
    assert commit_batch(database, [item(report(A, text, title="T\x00"))], NOW) == [New()]
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(A)
        assert stored is not None
        assert (stored.text, stored.title) == ("\ufffd" + WORDS + "\ufffd", "T\ufffd")
    assert commit_batch(database, [item(report(A, text, title="T\x00", at=LATER))], LATER) == [
        Unchanged(of=1)
    ]


def test_address_too_long_for_an_index_is_quarantined(database: Database) -> None:
    """PostgreSQL refuses such a row; it must not take its batch along."""
    long = "https://vigia.example/" + "á" * 2000
    result = commit_batch(database, [item(report(long, prose("uno"))), item(report(A, prose("dos")))], NOW)
    assert isinstance(result[0], Quarantined)
    assert result[1] == New()
    with database.read() as connection:
        assert Stores(connection).visits.get(long) is not None


def test_refused_row_leaves_nothing_of_its_batch(database: Database) -> None:
    """One transaction: either everything about the batch, or nothing."""
    broken = item(report(B, prose("dos")))
    odd = replace(broken.report, url="https://vigia.example/\x00" if not database.is_sqlite else "\ud800")
    batch = [item(report(A, prose("uno"))), ReportItem(report=odd, source=source())]
    with pytest.raises((RowRefused, UnicodeError)):
        commit_batch(database, batch, NOW)
    assert rows(database, "report") == 0


def test_event_item_twice_is_one_event(database: Database) -> None:
    """A replayed alarm must not ring again."""
    from core.event import SOURCE_EMPTY, Event

    event = EventItem(event=Event(kind=SOURCE_EMPTY, at=NOW, source_id="vigia", detail={"run": 1}))
    commit_batch(database, [event], NOW)
    commit_batch(database, [event], LATER)
    assert kinds(database) == [SOURCE_EMPTY]


def test_numbers_of_reports_are_never_given_again(database: Database) -> None:
    """A citation of report 1 must not come to mean another report."""
    commit_batch(database, [item(report(A, prose("uno")))], NOW)
    commit_batch(database, [item(report(B, prose("dos")))], NOW)
    with database.read() as connection:
        stored = Stores(connection).reports.by_url(B)
        assert stored is not None
        assert stored.id == 2
