"""When a digest is due: local days, weeks and hours of the subscriber's zone. Pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.subscription import Frequency, Subscription

AT_ONCE_PAUSE = timedelta(minutes=5)
"""The least time between two digests of an at-once subscription: a crawl commits in batches."""

OWED_PAUSE = timedelta(hours=24)
"""How long an at-once subscription waits before it tries again what could not be delivered."""

_DAY = timedelta(days=1)


def slot(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a local clock shows `hour` on `day`.

    An hour that the clock skips in spring counts from the hour before, so it is the same moment
    after the change; of an hour that comes twice in autumn it is the first.
    """
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone, fold=0).astimezone(UTC)


def latest_slot(subscription: Subscription, zone: ZoneInfo, now: datetime) -> tuple[date, datetime]:
    """The last local day whose slot is not after `now`, and that moment in UTC."""
    day = now.astimezone(zone).date()
    while slot(day, subscription.hour, zone) > now or not _is_its_day(subscription, day):
        day -= _DAY
    return day, slot(day, subscription.hour, zone)


def next_slot(subscription: Subscription, zone: ZoneInfo, now: datetime) -> datetime:
    """The first slot after `now`, in UTC."""
    day = now.astimezone(zone).date()
    while slot(day, subscription.hour, zone) <= now or not _is_its_day(subscription, day):
        day += _DAY
    return slot(day, subscription.hour, zone)


def _is_its_day(subscription: Subscription, day: date) -> bool:
    return subscription.frequency is not Frequency.WEEKLY or day.weekday() == subscription.weekday


def due_period(subscription: Subscription, timezone: str, now: datetime) -> str | None:
    """The period a dated subscription owes a digest for, as a local ISO date; None when it is not due.

    Dates only ever rise, so a reader who moves to another zone or hour never gets a day twice.
    After an outage one digest covers everything since the last one.
    """
    if subscription.activated_at is None:
        return None
    day, moment = latest_slot(subscription, ZoneInfo(timezone), now)
    if moment <= subscription.activated_at or day.isoformat() <= subscription.last_period:
        return None
    return day.isoformat()


def due_at_once(subscription: Subscription, now: datetime, *, waiting: bool, owed: bool) -> bool:
    """Whether an at-once subscription may be sent: something waits and the last one is not fresh."""
    last = subscription.last_prepared_at
    if last is None:
        return waiting or owed
    return (waiting and now - last >= AT_ONCE_PAUSE) or (owed and now - last >= OWED_PAUSE)
