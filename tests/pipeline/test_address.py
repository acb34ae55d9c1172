"""One address a page, and a canonical link only where it can be believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.address import accept_canonical, canonical_url, site_of

PAGE = "https://www.ministerio.example/comunicados/2026/traslado"


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x?b=2&a=1",
        "https://a.example/x?source=rss&uid=4&eid=7&id=9&ref=portada",
        "https://a.example/ver%20m%c3%a1s?q=a%2Bb&vacio=&solo",
        "https://a.example/x?",
        "https://a.example/app#!/informe/4",
        "http://127.0.0.1:8765/article/1",
        "http://[2001:db8::1]:8080/x",
        "https://usuario:clave@a.example:8443/x",
    ],
)
def test_address_with_nothing_to_remove_stays_byte_for_byte(url: str) -> None:
    """Government sites tell documents apart by what URL cleaners like to strip or reorder."""
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://WWW.A.Example:443/Nota", "https://www.a.example/Nota"),
        ("http://a.example:80", "http://a.example/"),
        ("http://a.example.:8080/x", "http://a.example:8080/x"),
        ("https://a.example/x#comentarios", "https://a.example/x"),
        ("https://a.example/x?utm_source=rss&utm_medium=rss", "https://a.example/x"),
        ("https://a.example/x?b=2&fbclid=I7&a=1", "https://a.example/x?b=2&a=1"),
        ("https://a.example/x?UTM_Campaign=c&p=3", "https://a.example/x?p=3"),
        ("https://a.example/x?amp=1", "https://a.example/x"),
        ("https://señal.example/ñ?q=á", "https://xn--seal-hqa.example/ñ?q=á"),
        ("  https://a.example/x\n", "https://a.example/x"),
    ],
)
def test_two_ways_to_write_an_address_become_one(url: str, expected: str) -> None:
    """The same page under two addresses would be stored twice."""
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    "url", ["", "mailto:a@b.example", "/relative", "http://", "http://[::1", "javascript:0"]
)
def test_what_is_no_web_address_comes_back_as_it_was(url: str) -> None:
    """A broken link in an index must not raise in the middle of a crawl."""
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    "tail", ["\x0c#", " ?utm_source=x", "x?amp=1 &fbclid=y", "x?fbclid \xa0#a", "?\x0c#"]
)
def test_white_space_before_what_is_removed_goes_too(tail: str) -> None:
    """Else the address made canonical a second time is another key of the same page."""
    once = canonical_url(f"https://a.example/{tail}")
    assert once == once.strip() == canonical_url(once)


@given(
    st.text(max_size=60),
    st.sampled_from(["https://a.example/", "http://A.example:80", "https://a.example/x?"]),
)
def test_canonical_address_is_stable(tail: str, start: str) -> None:
    """Addresses are made canonical wherever they come in; twice must be as good as once."""
    once = canonical_url(start + tail)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.ministerio.example/c/traslado", "https://www.ministerio.example/c/traslado"),
        ("/c/traslado?utm_source=x", "https://www.ministerio.example/c/traslado"),
        ("https://ministerio.example/c/traslado", "https://ministerio.example/c/traslado"),
        ("http://www.ministerio.example/c/traslado", "https://www.ministerio.example/c/traslado"),
        (PAGE, PAGE),
    ],
)
def test_canonical_link_on_the_same_site_is_taken(link: str, expected: str) -> None:
    """Copies for print, AMP and tracking fold into the address that the publisher names."""
    assert accept_canonical(link, PAGE) == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://www.otro.example/c/traslado",
        "https://www.ministerio.example/",
        "https://www.ministerio.example",
        "/comunicados/2026/",
        "/comunicados",
        "/es/",
        "/404",
        "javascript:void(0)",
        "http://[broken",
        "",
        None,
    ],
)
def test_canonical_link_that_would_swallow_pages_is_refused(link: str | None) -> None:
    """Many sites name one canonical address on every page; all their reports would become one."""
    assert accept_canonical(link, PAGE) is None


def test_query_that_tells_pages_apart_is_not_lost() -> None:
    """`ver.php?id=4` and `?id=5` both name `ver.php` as canonical on many government sites."""
    assert accept_canonical("/ver.php", "https://a.example/ver.php?id=4") is None


def test_other_renderings_fold_into_their_page() -> None:
    """An AMP or print page is the page above it, not a section."""
    assert accept_canonical("/n/nota", "https://a.example/n/nota/amp/") == "https://a.example/n/nota"


def test_page_served_on_loopback_keeps_its_own_address() -> None:
    """A saved page still names its publisher; the replay site is not that publisher."""
    own = "http://127.0.0.1:8765/article/3"
    assert accept_canonical("https://www.ministerio.example/article/3", own) is None
    assert accept_canonical("http://127.0.0.1:9000/article/3", own) is None


def test_sites_under_a_shared_host_are_different() -> None:
    """Blogs of one provider have one domain above them and nothing else in common."""
    assert site_of("https://uno.blogspot.com/") != site_of("https://dos.blogspot.com/")
    assert site_of("https://www.asamblea.gob.sv/x") == site_of("https://asamblea.gob.sv/y")
