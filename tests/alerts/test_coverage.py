"""The coverage statement: a source that fails, or was not asked, is never silent in a digest."""

from datetime import timedelta

from alerts.coverage import coverage, quiet
from alerts.digest import Coverage
from db.coverage import CoverageStore
from db.sources import SourceStore
from tests.alerts.world import START, World
from tests.db.samples import source


def statement(world: World, hours: float = 24) -> Coverage:
    with world.database.read() as connection:
        facts = CoverageStore(connection).facts()
    return coverage(facts, since=world.now - timedelta(hours=hours), now=world.now)


def test_each_source_is_in_one_group_with_the_time_since_which_nothing_is_known(world: World) -> None:
    """A reader must be able to tell silence from blindness, source by source."""
    world.crawled("whole")
    world.crawled("failing")
    world.crawled("old")
    world.crawled("partial")
    world.later(hours=30)
    world.crawled("whole")
    world.crawled("partial", "partial")
    world.crawled("failing", "failed", "the first failure")
    world.later(hours=1)
    world.crawled("failing", "interrupted", "the last failure")
    world.crawled("never", "failed", "refused")
    with world.database.write() as connection:
        SourceStore(connection).ensure([source("unasked")], world.now)
    said = statement(world)
    assert said.checked == ("Whole",)
    assert [(gap.source, gap.since, gap.reason) for gap in said.failed] == [
        ("Failing", START, "the last failure"),
        ("Never", world.now - timedelta(minutes=1), "refused"),
    ]
    assert [(gap.source, gap.since) for gap in said.not_checked] == [("Old", START), ("Unasked", None)]
    assert [(gap.source, gap.since) for gap in said.partly] == [("Partial", START)]
    assert said.total == 6


def test_source_that_recovered_is_checked_again(world: World) -> None:
    """One good run ends a failure."""
    world.crawled("vigia", "failed", "x")
    world.later(hours=1)
    world.crawled("vigia")
    assert statement(world).checked == ("Vigia",)


def test_quiet_source_is_told_only_when_it_is_read_without_fault(world: World) -> None:
    """An expected document that does not appear is news; a failing source is a gap."""
    world.crawled("vigia")
    world.crawled("blind", "failed", "x")
    world.publish("one")
    world.later(days=9)
    world.crawled("vigia")
    with world.database.read() as connection:
        facts = CoverageStore(connection).facts()
    days = {"vigia": 8, "blind": 8}
    (absent,) = quiet(facts, days, now=world.now)
    assert (absent.source, absent.since, absent.days) == ("Vigia", START, 8)
    assert quiet(facts, {"vigia": 10}, now=world.now) == ()
