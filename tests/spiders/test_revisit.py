"""When known addresses are visited again, and which listed ones are too old."""

from datetime import UTC, datetime, timedelta

import pytest

from core.dates import DateClaim, Origin, Precision
from core.report import Listed
from db.visits import Visit
from spiders.revisit import is_due, listed_since, next_due

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def visit(**given: object) -> Visit:
    base: dict[str, object] = {
        "url": "http://a.example/1",
        "source_id": "a",
        "first_seen": NOW - DAY,
        "last_visited": NOW - DAY,
        "outcome": "stored",
    }
    return Visit(**{**base, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "pause"),
    [(timedelta(0), timedelta(0)), (timedelta(hours=23), timedelta(0)), (DAY, DAY), (4 * DAY, 3 * DAY),
     (10 * DAY, 7 * DAY), (400 * DAY, 30 * DAY)],
)  # fmt: skip
def test_older_report_is_visited_less_often(age: timedelta, pause: timedelta) -> None:
    """Corrections come in the first days; after that a site is spared."""
    assert next_due("stored", first_seen=NOW - age, failures=0, now=NOW) == NOW + pause


def test_failures_are_met_with_growing_patience() -> None:
    """At once, then after hours, then after days; never given up for good."""
    pauses = [next_due("failed", first_seen=NOW, failures=n, now=NOW) - NOW for n in range(1, 9)]
    assert pauses[:2] == [timedelta(0)] * 2
    assert pauses == sorted(pauses)
    assert pauses[-1] == 7 * DAY


@pytest.mark.parametrize("outcome", ["robots", "refused"])
def test_refusal_that_costs_the_site_nothing_is_asked_every_time(outcome: str) -> None:
    """The rules of a site may change, and then the report is wanted at once."""
    assert next_due(outcome, first_seen=NOW, failures=9, now=NOW) == NOW


def test_address_is_visited_once_in_one_command() -> None:
    """Four sources may list the same page."""
    seen = visit(last_visited=NOW, next_due=NOW)
    assert not is_due(seen, now=NOW, started=NOW - timedelta(minutes=1), scheduled=False)


def test_scheduled_crawl_leaves_an_address_alone_for_half_an_hour() -> None:
    """An operator may look again at once; a timer need not."""
    seen = visit(last_visited=NOW - timedelta(minutes=10), next_due=NOW - timedelta(minutes=10))
    assert is_due(seen, now=NOW, started=NOW, scheduled=False)
    assert not is_due(seen, now=NOW, started=NOW, scheduled=True)


def test_address_is_not_due_before_its_time() -> None:
    """The time may be one that the server asked for."""
    assert not is_due(visit(next_due=NOW + DAY), now=NOW, started=NOW, scheduled=False)


def claim(value: datetime, precision: Precision = Precision.SECOND) -> DateClaim:
    return DateClaim(value=value, precision=precision, origin=Origin.FEED)


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        ((), True),
        ((claim(NOW),), True),
        ((claim(NOW - DAY),), False),
        ((claim(NOW.replace(hour=0), Precision.DAY),), True),
        ((claim(datetime(2026, 1, 1, tzinfo=UTC), Precision.YEAR),), True),
        ((claim(datetime(2026, 4, 1, tzinfo=UTC), Precision.MONTH),), True),
        ((claim(datetime(2026, 3, 1, tzinfo=UTC), Precision.MONTH),), False),
        ((claim(NOW - 9 * DAY), claim(NOW + DAY)), True),
    ],
)
def test_item_is_left_out_only_when_every_date_is_older(dates: tuple[DateClaim, ...], kept: bool) -> None:
    """An item without a date, or with a vague one, may be new."""
    since = NOW - timedelta(hours=1)
    assert listed_since(Listed(url="http://a.example/", dates=dates), since) is kept
