"""What a run is called, and which event it is worth."""

from dataclasses import replace

import pytest

from core.event import SOURCE_BLOCKED, SOURCE_EMPTY, SOURCE_FAILED
from core.source import Expectations, FeedParams, Kind, PublisherType, Source
from spiders.verdict import Ending, judge_run

SOURCE = Source(
    id="a", name="A", publisher_type=PublisherType.NGO, country="sv", languages=("es",), kind=Kind.FEED,
    params=FeedParams(urls=("https://a.example/feed",)),
)  # fmt: skip


def ending(counts: dict[str, int], **given: object) -> Ending:
    return Ending(counts=counts, **given)  # type: ignore[arg-type]


def test_silence_is_a_failure() -> None:
    """A page that was redesigned lists nothing and answers 200."""
    verdict = judge_run(SOURCE, ending({"listed": 0}))
    assert (verdict.status, verdict.event) == ("failed", SOURCE_EMPTY)
    assert verdict.reason == "listed 0, expected at least 1"


def test_silence_is_fine_where_it_is_expected() -> None:
    """`min_items: 0` is for sources that may well have nothing."""
    quiet = replace(SOURCE, expectations=Expectations(min_items=0))
    assert judge_run(quiet, ending({})).status == "ok"


def test_unchanged_index_lists_nothing_and_is_fine() -> None:
    """304 is an answer, not silence."""
    assert judge_run(SOURCE, ending({}, unchanged_indexes=1)).status == "ok"


@pytest.mark.parametrize(
    ("kind", "event"), [("discovery", SOURCE_FAILED), ("blocked", SOURCE_BLOCKED), ("robots", SOURCE_FAILED)]
)
def test_unreadable_index_is_a_failure_with_its_reason(kind: str, event: str) -> None:
    """The operator reads the address and what it said."""
    verdict = judge_run(SOURCE, ending({}, index_problems=((kind, "https://a.example/feed: not a feed"),)))
    assert (verdict.status, verdict.event) == ("failed", event)
    assert "https://a.example/feed" in verdict.reason


def test_one_of_several_indexes_unreadable_is_partial() -> None:
    """What the others listed is there."""
    verdict = judge_run(
        SOURCE, ending({"listed": 3, "new": 3, "received": 3}, index_problems=(("failed", "x"),))
    )
    assert verdict.status == "partial"


@pytest.mark.parametrize("name", ["failed", "blocked", "refused", "quarantined"])
def test_page_that_was_lost_makes_a_run_partial(name: str) -> None:
    """Nothing is lost without a trace."""
    assert judge_run(SOURCE, ending({"listed": 2, "received": 1, name: 1})).status == "partial"


def test_page_that_robots_keeps_from_us_is_no_failure() -> None:
    """A site's rule would otherwise make its source partial for ever; the count says it."""
    assert judge_run(SOURCE, ending({"listed": 2, "received": 1, "new": 1, "robots": 1})).status == "ok"


def test_source_of_which_no_page_arrives_failed() -> None:
    """An index that answers does not make a source healthy."""
    verdict = judge_run(SOURCE, ending({"listed": 2, "blocked": 2}, page_problems=("x: HTTP 403",)))
    assert (verdict.status, verdict.event) == ("failed", SOURCE_BLOCKED)


def test_blocked_run_says_so_first() -> None:
    """Being blocked calls for another remedy than being broken."""
    verdict = judge_run(SOURCE, ending({"listed": 9, "received": 2, "blocked": 3}, stop_reason="blocked"))
    assert (verdict.status, verdict.event) == ("failed", SOURCE_BLOCKED)
    assert verdict.reason.startswith("blocked")


def test_interrupted_run_is_neither_good_nor_bad() -> None:
    """An operator's Ctrl-C must not raise an alarm."""
    verdict = judge_run(SOURCE, ending({"listed": 0}, interrupted=True, stop_reason="interrupted"))
    assert (verdict.status, verdict.event) == ("interrupted", None)


def test_spooled_items_make_a_run_partial() -> None:
    """The pages are safe in a file, and not yet in the database."""
    verdict = judge_run(SOURCE, ending({"listed": 1, "received": 1}, spooled=1))
    assert verdict.status == "partial"
    assert "database was down" in verdict.reason
