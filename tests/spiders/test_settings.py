"""The settings hold what their reasons promise, over real HTTP."""

import gzip
import ssl
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest

from core.source import Politeness
from spiders.settings import MAX_BODY, crawl_settings, pace

SMALL = {"DOWNLOAD_MAXSIZE": 100_000}
BOMB = b"0" * 5_000_000
PACK = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("encoding", PACK)
def test_decompression_bomb_is_refused(site: Any, answer: Any, probe: Any, encoding: str) -> None:
    """Five kilobytes on the wire must not become five gigabytes in memory."""
    url = site.answer("/bomb", answer(body=PACK[encoding](BOMB), headers={"Content-Encoding": encoding}))
    assert isinstance(probe(url, settings=SMALL).only.error, IgnoreRequest)


def test_bomb_within_a_bomb_is_refused(site: Any, answer: Any, probe: Any) -> None:
    """Two layers of compression multiply."""
    body = gzip.compress(gzip.compress(BOMB * 4))
    url = site.answer("/bomb", answer(body=body, headers={"Content-Encoding": "gzip, gzip"}))
    assert isinstance(probe(url, settings=SMALL).only.error, IgnoreRequest)


@pytest.mark.parametrize("encoding", PACK)
def test_compressed_page_is_read(site: Any, answer: Any, probe: Any, encoding: str) -> None:
    """What we say we accept we must be able to read."""
    body = b"<html><body>" + b"words " * 100 + b"</body></html>"
    url = site.answer("/page", answer(body=PACK[encoding](body), headers={"Content-Encoding": encoding}))
    assert probe(url).only.body == body


@pytest.mark.parametrize("announced", [True, False])
def test_body_over_the_limit_is_cut_off(site: Any, answer: Any, probe: Any, announced: bool) -> None:
    """Whether or not its length is announced."""
    headers = {} if announced else {"Content-Length": ""}
    url = site.answer("/big", answer(body=b"x" * 300_000, headers=headers))
    got = probe(url, settings=SMALL).only
    assert isinstance(got.error, DownloadCancelledError)
    assert site.count("/big") == 1


def test_redirects_end_after_five(site: Any, answer: Any, probe: Any) -> None:
    """A longer chain is a loop or a login."""
    for hop in range(7):
        site.answer(f"/{hop}", answer(status=302, headers={"Location": f"/{hop + 1}"}))
    got = probe(site.url("/0")).only
    assert "redirections" in str(got.error)
    assert site.count("/5") == 1
    assert site.count("/6") == 0


def test_redirect_to_an_address_already_seen_still_arrives(site: Any, answer: Any, probe: Any) -> None:
    """Scrapy's filter would drop the second one without a word."""
    target = site.answer("/target", answer(body=b"here"))
    moved = site.answer("/moved", answer(status=301, headers={"Location": "/target"}))
    assert [got.body for got in probe(target, moved).got] == [b"here", b"here"]


def test_request_says_who_asks_and_nothing_more(site: Any, answer: Any, probe: Any) -> None:
    """A name with a contact, no cookie, no page we came from."""
    site.answer("/a", answer(headers={"Set-Cookie": "id=1"}))
    site.answer("/b", answer(status=302, headers={"Location": "/c", "Set-Cookie": "id=2"}))
    site.answer("/c", answer())
    probe(site.url("/a"), site.url("/b"))
    for asked in site.asked:
        assert asked.headers["user-agent"].startswith("Amparo/")
        assert "+test@example.org" in asked.headers["user-agent"]
        assert not {"cookie", "referer"} & asked.headers.keys()


def test_meta_refresh_is_not_followed(site: Any, answer: Any, probe: Any) -> None:
    """It is how challenge pages lead on; a report does not need it."""
    site.answer(
        "/a", answer(body=b'<html><head><meta http-equiv="refresh" content="0;url=/b"></head></html>')
    )
    assert probe(site.url("/a")).only.final_url == site.url("/a")
    assert site.count("/b") == 0


def test_proxy_of_the_environment_is_not_used(site: Any, answer: Any, probe: Any, monkeypatch: Any) -> None:
    """The egress guard would look at the wrong address."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert probe(site.answer("/a", answer())).only.status == 200


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "data:text/plain,words", "ftp://127.0.0.1/a", "s3://a/b"]
)
def test_only_the_web_is_reached(probe: Any, url: str) -> None:
    """A link in a feed may say anything."""
    assert probe(url).only.error is not None


def test_certificate_nobody_vouches_for_is_refused(probe: Any, tmp_path: Any) -> None:
    """A report must come from whom it says; Scrapy does not check by default."""
    key, cert = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        got = probe(f"https://localhost:{server.server_port}/robots.txt").only
    finally:
        server.shutdown()
        server.server_close()
    assert "certificate" in str(got.error)


def _self_signed(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "key.pem", folder / "cert.pem"


def test_source_on_this_machine_does_not_wait_by_default(source: Any) -> None:
    """Politeness is for the servers of others; a file that asks for it is obeyed."""
    assert pace(replace(source, politeness=Politeness()))[0] == 0.0
    assert pace(replace(source, politeness=Politeness(delay_seconds=1.5)))[0] == 1.5


def test_delay_is_kept_between_requests(site: Any, answer: Any, probe: Any, source: Any) -> None:
    """The pace in the source file is the least, without jitter below it."""
    urls = [site.answer(f"/{number}", answer()) for number in range(3)]
    probe(*urls, source=replace(source, politeness=Politeness(delay_seconds=0.2, concurrency=2)))
    times = sorted(asked.at for asked in site.asked)
    assert all(later - earlier >= 0.15 for earlier, later in pairwise(times))


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_requests_are_under_way_than_allowed(
    site: Any, answer: Any, probe: Any, source: Any, most: int
) -> None:
    """Scrapy's own limit lets a burst pass."""
    urls = [site.answer(f"/{number}", answer(wait=0.03)) for number in range(9)]
    probe(*urls, source=replace(source, politeness=Politeness(delay_seconds=0.0, concurrency=most)))
    assert site.most_at_once == most


def test_limit_of_a_body_is_tens_of_megabytes(source: Any) -> None:
    """Reports as PDF are large; a film is not a report."""
    assert crawl_settings(source, user_agent="x")["DOWNLOAD_MAXSIZE"] == MAX_BODY == 30 * 2**20
