"""When a digest is due: the reader's clock decides, also when it jumps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.periods import due_at_once, due_period, latest_slot, next_slot, slot
from core.subscription import Frequency, Subscription, SubscriptionState

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ZONES = ("America/El_Salvador", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu")


def subscription(**values: object) -> Subscription:
    given_values: dict[str, object] = {
        "id": 1,
        "subscriber_id": 1,
        "name": "x",
        "query": "",
        "frequency": Frequency.DAILY,
        "hour": 7,
        "weekday": 0,
        "state": SubscriptionState.ACTIVE,
        "created_at": LONG_AGO,
        "activated_at": LONG_AGO,
    }
    return Subscription(**given_values | values)  # type: ignore[arg-type]


def test_hour_is_the_readers() -> None:
    """Seven in San Salvador is one in the afternoon in UTC."""
    at = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert due_period(subscription(), "America/El_Salvador", at - timedelta(seconds=1)) == "2026-03-01"
    assert due_period(subscription(), "America/El_Salvador", at) == "2026-03-02"


def test_hour_that_spring_skips_is_the_moment_after() -> None:
    """In New York there is no 2:30 on 8 March 2026; the digest is not lost."""
    zone = ZoneInfo("America/New_York")
    assert slot(date(2026, 3, 8), 2, zone) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_hour_that_autumn_repeats_is_the_first() -> None:
    """In New York 1:00 comes twice on 1 November 2026; the digest comes once."""
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert slot(first.date(), 1, zone) == first
    again = subscription(hour=1, last_period="2026-11-01")
    assert due_period(again, "America/New_York", first + timedelta(hours=1)) is None


def test_weekly_is_due_on_its_day_only() -> None:
    """A Monday digest that was missed while the machine was off comes when it is back, once."""
    weekly = subscription(frequency=Frequency.WEEKLY, weekday=0)
    thursday = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert due_period(weekly, "UTC", thursday) == "2026-03-02"
    done = subscription(frequency=Frequency.WEEKLY, weekday=0, last_period="2026-03-02")
    assert due_period(done, "UTC", thursday) is None


def test_slot_before_the_confirmation_is_not_due() -> None:
    """Who confirms at ten does not get the digest of seven."""
    confirmed = datetime(2026, 3, 2, 10, tzinfo=UTC)
    new = subscription(activated_at=confirmed)
    assert due_period(new, "UTC", confirmed + timedelta(hours=1)) is None
    assert due_period(new, "UTC", confirmed + timedelta(hours=21)) == "2026-03-03"


@given(
    st.integers(0, 3 * 365 * 24 * 60),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 6),
    st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]),
)
def test_slots_surround_every_moment(
    minutes: int, zone: str, hour: int, weekday: int, frequency: Frequency
) -> None:
    """No day is without its digest and none has two, in any zone and over every change of clocks."""
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    one = subscription(hour=hour, weekday=weekday, frequency=frequency)
    day, last = latest_slot(one, ZoneInfo(zone), now)
    following = next_slot(one, ZoneInfo(zone), now)
    assert last <= now < following
    days = 7 if frequency is Frequency.WEEKLY else 1
    assert timedelta(days=days, hours=-2) <= following - last <= timedelta(days=days, hours=2)
    assert latest_slot(one, ZoneInfo(zone), following)[0] == day + timedelta(days=days)


@given(st.lists(st.tuples(st.sampled_from(ZONES), st.integers(0, 23), st.integers(1, 40)), max_size=30))
def test_reader_who_moves_never_gets_a_day_twice(moves: list[tuple[str, int, int]]) -> None:
    """Changing zone or hour on the preferences page cannot bring the same day again."""
    now, last, seen = datetime(2026, 3, 1, tzinfo=UTC), "", []
    for zone, hour, hours in moves:
        now += timedelta(hours=hours)
        period = due_period(subscription(hour=hour, last_period=last), zone, now)
        if period is not None:
            seen.append(period)
            last = period
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("minutes", "waiting", "owed", "expected"),
    [(None, True, False, True), (None, False, False, False), (4, True, False, False), (5, True, False, True),
     (60, False, True, False), (24 * 60, False, True, True)],
)  # fmt: skip
def test_at_once_waits_a_little(minutes: int | None, waiting: bool, owed: bool, expected: bool) -> None:
    """A crawl commits in batches: its reports come together, and a bounce is not hammered."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    last = None if minutes is None else now - timedelta(minutes=minutes)
    one = subscription(frequency=Frequency.AT_ONCE, last_prepared_at=last)
    assert due_at_once(one, now, waiting=waiting, owed=owed) is expected
