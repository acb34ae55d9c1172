"""Passing failures are tried again; a server that asks for time gets it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.exceptions import DownloadTimeoutError

from spiders.middlewares.retry import ComeBackLater, backoff
from spiders.quiet import retry_after

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        (" 5 ", timedelta(seconds=5)),
        ("Fri, 01 May 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Fri, 01 May 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(days=7)),
        ("soon", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_in_both_forms(written: str | None, expected: timedelta | None) -> None:
    """RFC 9110 allows seconds and a date; anything else is as good as absent."""
    assert retry_after(written, NOW) == expected


def test_backoff_grows_and_varies() -> None:
    """Crawlers that return in step are a flood of their own."""
    first, second = {backoff(1, 1.0) for _ in range(20)}, {backoff(2, 1.0) for _ in range(20)}
    assert len(first) > 1
    assert max(first) < min(second)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 429])
def test_passing_status_is_tried_again(site: Any, answer: Any, probe: Any, status: int) -> None:
    """Most failures of a server are over a moment later."""
    url = site.answer("/page", answer(status=status), answer(status=status), answer(body=b"at last"))
    assert probe(url).only.body == b"at last"
    assert site.count("/page") == 3


def test_failing_server_is_asked_three_times_and_no_more(site: Any, answer: Any, probe: Any) -> None:
    """Patience has an end, and the last answer is what is reported."""
    url = site.answer("/page", answer(status=500))
    assert probe(url).only.status == 500
    assert site.count("/page") == 3


@pytest.mark.parametrize("status", [400, 403, 404, 410, 501])
def test_final_status_is_not_tried_again(site: Any, answer: Any, probe: Any, status: int) -> None:
    """Asking again does not change a no."""
    url = site.answer("/page", answer(status=status))
    assert probe(url).only.status == status
    assert site.count("/page") == 1


def test_dropped_connection_is_tried_again(site: Any, answer: Any, probe: Any) -> None:
    """The network fails too."""
    url = site.answer("/page", answer(drop=True), answer(body=b"here"))
    assert probe(url).only.body == b"here"


def test_short_retry_after_is_waited_out_by_the_whole_host(site: Any, answer: Any, probe: Any) -> None:
    """Not only the address that was refused is left alone, but its server."""
    busy = site.answer("/busy", answer(status=503, headers={"Retry-After": "1"}), answer(body=b"ready"))
    others = [site.answer(f"/{number}", answer(wait=0.05)) for number in range(8)]
    got = probe(busy, *others, settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 20}).got
    assert got[0].body == b"ready"
    refused = site.times("/busy")[0]
    later = [asked.at for asked in site.asked if asked.at > refused + 0.03]
    assert min(later) - refused >= 0.95


def test_long_retry_after_ends_the_run_and_is_remembered(site: Any, answer: Any, probe: Any) -> None:
    """A server that asks for an hour gets it, also from the next run."""
    url = site.answer("/page", answer(status=429, headers={"Retry-After": "3600"}))
    first = probe(url)
    assert isinstance(first.only.error, ComeBackLater)
    assert "asked to come back after" in first.session.stop_reason
    assert site.count("/page") == 1
    again = probe(url, command=first.session.command)
    assert isinstance(again.only.error, ComeBackLater)
    assert site.count("/page") == 1


def test_body_that_trickles_is_ended_by_the_clock(site: Any, answer: Any, probe: Any) -> None:
    """Every byte in time would otherwise hold a connection for ever."""
    url = site.answer("/slow", answer(chunks=[b"x"] * 40, pause=0.05))
    got = probe(url, settings={"DOWNLOAD_TIMEOUT": 0.3}).only
    assert isinstance(got.error, DownloadTimeoutError)
