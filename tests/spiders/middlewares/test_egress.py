"""The crawler connects to public addresses only."""

import asyncio
from ipaddress import ip_address
from typing import Any

import pytest

from core.errors import EgressRefused
from spiders.addresses import RESERVED, is_public, literal_address
from spiders.loop import event_loop
from spiders.middlewares.egress import refusal
from spiders.resolver import GuardedResolver
from spiders.robots import Rules

PORTS = frozenset({80, 443})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1",
        "192.168.1.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "100::1",
        "2a00:1450::5efe:7f00:1",
    ],
)  # fmt: skip
def test_reserved_address_is_not_public(address: str) -> None:
    """Every special range, and every IPv6 form that carries a private IPv4 address, is inside."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"],
)
def test_address_on_the_open_internet_is_public(address: str) -> None:
    """A guard that refuses ordinary sites would silence them."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "127.0.0.1.", "[::1]", "017700000001"],
)
def test_every_spelling_of_loopback_is_read_as_loopback(host: str) -> None:
    """The system's resolver accepts these spellings, so the guard must know them."""
    address = literal_address(host)
    assert address is not None
    assert address.is_loopback


@pytest.mark.parametrize("host", ["example.org", "dead.beef", "abc", "", "1.2.3.4.5", "cafe.fade.example"])
def test_name_is_not_taken_for_an_address(host: str) -> None:
    """A name of hexadecimal letters is still a name, to be looked up."""
    assert literal_address(host) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://example.org@127.0.0.1/",
        "http://user:word@example.org/",
        "http://example.org:6379/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://exa%6dple.org/",
        "http:///nothing",
    ],
)
def test_address_that_leads_inside_or_hides_where_is_refused(url: str) -> None:
    """The address is refused by its own words, before any look-up."""
    assert refusal(url, PORTS)


@pytest.mark.parametrize("url", ["https://example.org/a", "http://1.1.1.1/", "http://xn--ao-zja.example/"])
def test_ordinary_address_passes(url: str) -> None:
    """Nothing is refused without a reason."""
    assert refusal(url, PORTS) is None


def test_source_reaches_loopback_only_when_its_file_allows_it(
    site: Any, answer: Any, probe: Any, source: Any, public: Any
) -> None:
    """`allow_private_network` is the only way in."""
    url = site.answer("/page", answer())
    assert probe(url).only.status == 200
    asked = len(site.asked)
    refused = probe(url, source=public).only
    assert isinstance(refused.error, EgressRefused)
    assert len(site.asked) == asked


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "0xa9fea9fe", "[fe80::1]"])
def test_link_local_address_is_refused_everywhere(probe: Any, source: Any, host: str) -> None:
    """A private site that may be crawled must not lead on to the credentials of the machine."""
    refused = probe(f"http://{host}/latest/meta-data/", source=source).only
    assert isinstance(refused.error, EgressRefused)


def test_user_name_in_an_address_is_refused_everywhere(
    site: Any, answer: Any, probe: Any, source: Any
) -> None:
    """Scrapy would take it for a part of the host, and robots.txt would bear the blame."""
    url = site.answer("/page", answer()).replace("http://", "http://user:word@")
    refused = probe(url, source=source).only
    assert isinstance(refused.error, EgressRefused)
    assert not site.asked


def test_redirect_into_the_private_network_is_refused(
    site: Any, answer: Any, probe: Any, public: Any, monkeypatch: Any
) -> None:
    """The guard stands before every request, so also after a redirect; robots.txt is asked first."""
    site.answer("/start", answer(status=302, headers={"Location": "http://169.254.169.254/secret"}))
    open_loopback = tuple(block for block in RESERVED if str(block) != "127.0.0.0/8")
    monkeypatch.setattr("spiders.addresses.RESERVED", open_loopback)
    got = probe(site.url("/start"), source=public).only
    assert isinstance(got.error, EgressRefused)
    assert "169.254.169.254" in str(got.error)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1"])
def test_name_of_this_machine_is_refused(site: Any, probe: Any, public: Any, host: str) -> None:
    """A name is judged by what it resolves to."""
    got = probe(f"http://{host}:{site.port}/page", source=public).only
    assert isinstance(got.error, EgressRefused)
    assert not site.asked


def test_name_that_turns_private_after_the_check_leads_nowhere(
    site: Any, answer: Any, probe: Any, public: Any, session: Any, monkeypatch: Any
) -> None:
    """DNS rebinding: a connection takes its address from the guarded resolver alone."""
    site.answer("/page", answer())
    answers = [("93.184.216.34",), ("127.0.0.1",)]

    async def changing(self: GuardedResolver, host: str) -> object:
        return tuple(map(ip_address, answers.pop(0) if len(answers) > 1 else answers[0]))

    monkeypatch.setattr(GuardedResolver, "addresses", changing)
    made = session(public)
    made.command.robots[f"http://rebind.example:{site.port}"] = Rules()
    got = probe(f"http://rebind.example:{site.port}/page", source=public, session=made).only
    assert got.error is not None
    assert len(answers) == 1
    assert not site.asked


def test_resolver_without_permission_gives_no_private_address() -> None:
    """Also code that forgets to ask for permission cannot connect inside."""
    loop, resolver = event_loop()
    seen: list[object] = []

    class Receiver:
        done = loop.create_future()

        def resolutionBegan(self, resolution: object) -> None: ...

        def addressResolved(self, address: object) -> None:
            seen.append(address)

        def resolutionComplete(self) -> None:
            self.done.set_result(None)

    async def ask() -> None:
        receiver: Any = Receiver()
        resolver.resolveHostName(receiver, "localhost", 80)
        await asyncio.wait_for(receiver.done, 5)

    loop.run_until_complete(ask())
    assert seen == []
