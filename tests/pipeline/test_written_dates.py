"""Dates as pages write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import Origin, Precision
from pipeline.written_dates import date_in_url, read_date, zone_of

SALVADOR = zone_of("America/El_Salvador")


def read(written: str, *, day_first: bool = True) -> tuple[datetime, Precision] | None:
    """Value and precision of a claim of a Salvadoran source."""
    claim = read_date(written, origin=Origin.META, zone=SALVADOR, day_first=day_first)
    return (claim.value, claim.precision) if claim else None


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-05T14:30:00Z",
        "2026-03-05T08:30:00-06:00",
        "2026-03-05T14:30:00.000+0000",
        "2026-03-05 08:30:00",
        "2026-03-05T08:30",
        "20260305T143000Z",
        "2026-03-05T14:30:00Z[UTC]",
        "2026-03-05 16:30:00 +02:00",
        "Thu, 05 Mar 2026 14:30:00 GMT",
        "Thu Mar 05 2026 14:30:00 GMT+0000 (Coordinated Universal Time)",
        "5 de marzo de 2026, 8:30 a.m.",
        "March 5, 2026 9:30 AM EST",
        "Mar 5, 2026 at 9:30 a.m. ET",
        "1772721000",
        "1772721000000",
    ],
)
def test_times_are_read_to_the_second_in_utc(written: str) -> None:
    """All of these are one moment; a time without a zone is the publisher's own."""
    assert read(written) == (datetime(2026, 3, 5, 14, 30, tzinfo=UTC), Precision.SECOND)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-05",
        "20260305",
        "2026/03/05",
        "05/03/2026",
        "5.3.2026",
        "05-03-2026",
        "5 de marzo de 2026",
        "jueves, 5 de marzo del 2026",
        "5 Marzo, 2026",
        "March 5, 2026",
        "Mar. 5th, 2026",
        "5 March 2026",
        "5 mars 2026",
        "Publicado el 05/03/2026",
    ],
)
def test_calendar_dates_are_days_and_are_not_shifted(written: str) -> None:
    """A day printed in San Salvador is that day, not six hours of it in another."""
    assert read(written) == (datetime(2026, 3, 5, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize("offset", ["", "Z", "+01:00"])
def test_midnight_is_a_date_that_a_form_padded(offset: str) -> None:
    """Shifting a padded date into UTC would move it to the day before."""
    assert read(f"2026-03-05T00:00:00{offset}") == (datetime(2026, 3, 5, tzinfo=UTC), Precision.DAY)


def test_figures_follow_the_country() -> None:
    """03/04 is April in San Salvador and March in Washington; 25 is no month anywhere."""
    assert read("03/04/2026") == (datetime(2026, 4, 3, tzinfo=UTC), Precision.DAY)
    assert read("03/04/2026", day_first=False) == (datetime(2026, 3, 4, tzinfo=UTC), Precision.DAY)
    assert read("25/03/2026", day_first=False) == (datetime(2026, 3, 25, tzinfo=UTC), Precision.DAY)


def test_months_and_years_keep_their_precision() -> None:
    """A report of "marzo de 2026" must not look as if it appeared on the first."""
    assert read("marzo de 2026") == read("2026-03") == (datetime(2026, 3, 1, tzinfo=UTC), Precision.MONTH)
    assert read("2026") == (datetime(2026, 1, 1, tzinfo=UTC), Precision.YEAR)


@pytest.mark.parametrize(
    "written",
    ["", "ayer", "2026-13-40", "31/02/2026", "12:30", "{{date}}", "9" * 300],
)
def test_what_is_no_date_gives_none(written: str) -> None:
    """A wrong date is worse than none."""
    assert read(written) is None


@given(st.text(max_size=140))
def test_reading_a_date_never_raises(written: str) -> None:
    """Any text may stand where a date should."""
    claim = read_date(written, origin=Origin.META, zone=SALVADOR)
    assert claim is None or claim.value.tzinfo is UTC


@pytest.mark.parametrize(
    ("path", "day", "precision"),
    [
        ("/2026/03/05/nota", "2026-03-05", Precision.DAY),
        ("/news/2026/mar/05/note", "2026-03-05", Precision.DAY),
        ("/sociedad/nota-20260305105634-nt.html", "2026-03-05", Precision.DAY),
        ("/article/2026-03-05-nota/", "2026-03-05", Precision.DAY),
        ("/2026/03/nota", "2026-03-01", Precision.MONTH),
    ],
)
def test_address_names_its_day(path: str, day: str, precision: Precision) -> None:
    """Many old pages have no other date than their address."""
    claim = date_in_url(f"https://a.example{path}")
    assert claim is not None
    assert (claim.value.date().isoformat(), claim.precision) == (day, precision)


@pytest.mark.parametrize(
    "path", ["/d41586-025-04160-8", "/1924698/nota", "/2026/", "/x?d=2026/03/05", "/99999999"]
)
def test_numbers_in_an_address_are_not_all_dates(path: str) -> None:
    """An article number must not date a report."""
    assert date_in_url(f"https://a.example{path}") is None
