"""Block pages are errors."""

from typing import Any

import pytest

from spiders.middlewares.challenge import Challenged

PAGE = b"<html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>"


@pytest.mark.parametrize("status", [200, 403, 503])
def test_challenge_page_is_a_block_whatever_its_status(
    site: Any, answer: Any, probe: Any, status: int
) -> None:
    """Read as a page it would become a report; as an index, an empty source."""
    url = site.answer("/page", answer(status=status, body=PAGE))
    got = probe(url).only
    assert isinstance(got.error, Challenged)
    assert got.error.problem_kind == "blocked"
    assert site.count("/page") == 1


def test_challenge_page_is_seen_through_compression(site: Any, answer: Any, probe: Any) -> None:
    """Such pages arrive compressed like any other."""
    import gzip

    url = site.answer("/page", answer(body=gzip.compress(PAGE), headers={"Content-Encoding": "gzip"}))
    assert isinstance(probe(url).only.error, Challenged)


def test_report_about_challenges_is_not_one(site: Any, answer: Any, probe: Any) -> None:
    """An article may speak of blocked visitors."""
    words = b"<p>The ministry's site asks visitors to wait: just a moment, it says.</p>" * 40
    body = (
        b"<html><head><title>How a ministry blocks its readers</title></head><body>"
        + words
        + b"</body></html>"
    )
    assert probe(site.answer("/page", answer(body=body))).only.status == 200


def test_feed_is_not_looked_at(site: Any, answer: Any, probe: Any) -> None:
    """Only pages challenge; a feed that quotes one is a feed."""
    url = site.answer("/feed.xml", answer(body=PAGE, headers={"Content-Type": "application/rss+xml"}))
    assert probe(url).only.status == 200
