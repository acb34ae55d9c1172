"""robots.txt per RFC 9309, over real HTTP."""

from itertools import pairwise
from typing import Any

import pytest

from spiders.middlewares.robots import Disallowed
from spiders.robots import LONGEST_DELAY, READ_BYTES, read_rules


def text(body: str) -> dict[str, object]:
    return {"body": body.encode(), "headers": {"Content-Type": "text/plain"}}


def test_disallowed_address_is_never_asked_for(site: Any, answer: Any, probe: Any) -> None:
    """A site's no is kept, and told apart from a failure."""
    site.answer("/robots.txt", answer(**text("User-agent: *\nDisallow: /private/\n")))
    site.answer("/private/a", answer())
    site.answer("/open", answer())
    inside, outside = probe(site.url("/private/a"), site.url("/open")).got
    assert isinstance(inside.error, Disallowed)
    assert inside.error.problem_kind == "robots"
    assert outside.status == 200
    assert site.count("/private/a") == 0


def test_rules_for_our_own_name_come_before_those_for_all(site: Any, answer: Any, probe: Any) -> None:
    """The product token is how a site speaks to us alone."""
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: amparo\nAllow: /\nDisallow: /not-you\n"
    site.answer("/robots.txt", answer(**text(rules)))
    site.answer("/open", answer())
    site.answer("/not-you", answer())
    got = probe(site.url("/open"), site.url("/not-you")).got
    assert [one.status for one in got] == [200, None]


def test_requests_at_the_same_time_wait_for_one_fetch(site: Any, answer: Any, probe: Any) -> None:
    """The stock middleware lets the second request pass while the first still waits for the rules."""
    site.answer("/robots.txt", answer(wait=0.2, **text("User-agent: *\nDisallow: /x\n")))
    urls = [site.url(f"/x/{number}") for number in range(6)]
    got = probe(*urls).got
    assert all(isinstance(one.error, Disallowed) for one in got)
    assert [asked.path for asked in site.asked] == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_client_error_means_there_are_no_rules(site: Any, answer: Any, probe: Any, status: int) -> None:
    """RFC 9309, 2.3.1.3: unavailable means allowed."""
    site.answer("/robots.txt", answer(status=status))
    site.answer("/open", answer())
    assert probe(site.url("/open")).only.status == 200


@pytest.mark.parametrize("status", [429, 500, 503])
def test_server_error_closes_the_site(site: Any, answer: Any, probe: Any, status: int) -> None:
    """RFC 9309, 2.3.1.4: unreachable means disallowed, and the reason says so."""
    site.answer("/robots.txt", answer(status=status))
    site.answer("/open", answer())
    got = probe(site.url("/open")).only
    assert isinstance(got.error, Disallowed)
    assert str(status) in str(got.error)
    assert site.count("/open") == 0


def test_lost_connection_closes_the_site(site: Any, answer: Any, probe: Any) -> None:
    """No answer about the rules is not a permission."""
    site.answer("/robots.txt", answer(drop=True))
    site.answer("/open", answer())
    assert isinstance(probe(site.url("/open")).only.error, Disallowed)


def test_robots_is_followed_through_redirects(site: Any, answer: Any, probe: Any) -> None:
    """RFC 9309, 2.3.1.2: five hops at least, also to another place."""
    for hop in range(5):
        path = "/robots.txt" if hop == 0 else f"/hop{hop}"
        site.answer(path, answer(status=301, headers={"Location": f"/hop{hop + 1}"}))
    site.answer("/hop5", answer(**text("User-agent: *\nDisallow: /x\n")))
    assert isinstance(probe(site.url("/x")).only.error, Disallowed)


def test_endless_redirect_of_robots_means_there_are_no_rules(site: Any, answer: Any, probe: Any) -> None:
    """RFC 9309, 2.3.1.2: after five hops the file counts as unavailable."""
    site.answer("/robots.txt", answer(status=302, headers={"Location": "/robots.txt"}))
    site.answer("/open", answer())
    assert probe(site.url("/open")).only.status == 200


def test_redirect_to_a_disallowed_address_is_not_followed(site: Any, answer: Any, probe: Any) -> None:
    """A redirect is a new request, with its own permission."""
    site.answer("/robots.txt", answer(**text("User-agent: *\nDisallow: /private/\n")))
    site.answer("/open", answer(status=301, headers={"Location": "/private/a"}))
    site.answer("/private/a", answer())
    assert isinstance(probe(site.url("/open")).only.error, Disallowed)
    assert site.count("/private/a") == 0


def test_crawl_delay_becomes_the_pace_of_the_host(site: Any, answer: Any, probe: Any) -> None:
    """The site's own pace wins over a shorter one in the source file."""
    site.answer("/robots.txt", answer(**text("User-agent: *\nCrawl-delay: 0.3\n")))
    urls = [site.answer(f"/{number}", answer()) for number in range(3)]
    probe(*urls)
    times = sorted(at for number in range(3) for at in site.times(f"/{number}"))
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(times))


def test_crawl_delay_is_capped() -> None:
    """A delay of an hour would end the watch over a site without a word."""
    assert read_rules(200, b"User-agent: *\nCrawl-delay: 3600\n").delay == LONGEST_DELAY


def test_byte_order_mark_does_not_hide_the_first_line() -> None:
    """Editors put one there, and then the first group would be lost."""
    rules = read_rules(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\n")
    assert rules.refusal("http://a.example/x")


def test_only_the_first_part_of_a_huge_file_is_read() -> None:
    """A robots.txt without an end must not fill the memory."""
    body = b"User-agent: *\nDisallow: /x\n" + b"#" * READ_BYTES + b"\nDisallow: /y\n"
    rules = read_rules(200, body)
    assert rules.refusal("http://a.example/x")
    assert not rules.refusal("http://a.example/y")


@pytest.mark.parametrize("body", [b"", b"<html>not rules</html>", b"\x00\xff\xfe", b"Disallow: /\n"])
def test_file_without_rules_allows_everything(body: bytes) -> None:
    """Rules that belong to no agent bind nobody."""
    assert read_rules(200, body).refusal("http://a.example/x") is None
