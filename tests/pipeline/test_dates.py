"""One date among the many that claim to be it."""

from datetime import UTC, datetime, timedelta

from core.dates import DateClaim, DateKind, Origin, Precision
from pipeline.dates import choose_modified, choose_published

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def claim(
    day: datetime,
    origin: Origin,
    precision: Precision = Precision.SECOND,
    kind: DateKind = DateKind.PUBLISHED,
) -> DateClaim:
    """A claim in one line."""
    return DateClaim(value=day, origin=origin, precision=precision, kind=kind)


def at(day: int, month: int = 3, year: int = 2026, hour: int = 9) -> datetime:
    """A time in March 2026."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_most_trusted_origin_wins() -> None:
    """A feed is often stamped when it was made; the page's data says when the report was."""
    claims = [claim(at(8), Origin.URL), claim(at(7), Origin.FEED), claim(at(5), Origin.JSONLD)]
    chosen = choose_published(claims, fetched_at=NOW)
    assert chosen is not None and (chosen.value, chosen.origin) == (at(5), Origin.JSONLD)


def test_dates_that_cannot_be_are_passed_over() -> None:
    """Templates carry 1970 and 2099; the next claim is believed instead."""
    claims = [
        claim(datetime(1970, 1, 1, tzinfo=UTC), Origin.JSONLD),
        claim(NOW + timedelta(days=3), Origin.META),
        claim(at(4), Origin.LISTING, Precision.DAY),
    ]
    chosen = choose_published(claims, fetched_at=NOW)
    assert chosen is not None and chosen.origin == Origin.LISTING


def test_date_just_ahead_is_believed() -> None:
    """It is already tomorrow in other zones, and papers date their morning edition ahead."""
    assert choose_published([claim(NOW + timedelta(days=1), Origin.META)], fetched_at=NOW) is not None


def test_month_gives_way_to_a_day_within_it() -> None:
    """A publication month is right and of little use where the listing knows the day."""
    claims = [
        claim(at(1, hour=0), Origin.META, Precision.MONTH),
        claim(at(6, month=1), Origin.FEED),
        claim(at(6), Origin.LISTING, Precision.DAY),
    ]
    chosen = choose_published(claims, fetched_at=NOW)
    assert chosen is not None and (chosen.value, chosen.precision) == (at(6), Precision.DAY)


def test_server_time_never_dates_a_publication() -> None:
    """Servers stamp pages with the time they were generated: every old report would be news."""
    assert choose_published([claim(at(9), Origin.HTTP)], fetched_at=NOW) is None


def test_modification_is_chosen_apart() -> None:
    """An update is not a publication."""
    claims = [claim(at(9), Origin.JSONLD, kind=DateKind.MODIFIED)]
    assert choose_published(claims, fetched_at=NOW) is None
    assert choose_modified(claims, fetched_at=NOW) == at(9)
