"""The operator's settings for mail: a mistake is named, a password never shown."""

import threading
from pathlib import Path

import pytest

from alerts.links import read_secret
from alerts.smtp import Security, Server, read_server
from cli.checks import check_settings
from core.errors import SettingsError
from core.settings import read_settings


def test_starttls_is_the_default_and_tls_has_its_own_scheme() -> None:
    """What most providers ask for needs no option."""
    assert read_server("smtp://a%40b:p%2Fw@mail.example.org") == Server(
        host="mail.example.org", port=587, security=Security.STARTTLS, user="a@b", password="p/w"
    )
    assert read_server("smtps://mail.example.org").port == 465
    assert read_server("smtp://127.0.0.1:25?tls=off").security is Security.OFF


@pytest.mark.parametrize(
    "url",
    [
        *("", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:port", "smtp://h?tls=no"),
        *("smtp://mail.example.org:25?tls=off", "smtps://127.0.0.1?tls=off", "smtp://h?ca=/no/such/file"),
        *("smtp://u:secretpw@h?x=1", "smtp://127.0.0.1.example.org?tls=off"),
    ],
)
def test_unsafe_or_unclear_server_is_refused(url: str) -> None:
    """In the clear only on this machine, and no option is ignored."""
    with pytest.raises(SettingsError) as refused:
        read_server(url)
    assert "AMPARO_SMTP_URL" in str(refused.value)
    assert "secretpw" not in str(refused.value)


def test_password_is_in_no_message_of_ours() -> None:
    """Settings are printed by doctor and may land in a log."""
    environ = {"AMPARO_SMTP_URL": "smtp://user:secretpw@mail.example.org"}
    settings = read_settings(environ)
    assert "secretpw" not in repr(settings)
    assert "secretpw" not in repr(read_server(settings.smtp_url))
    said = [finding for finding in check_settings(environ, settings) if finding.what == "AMPARO_SMTP_URL"]
    assert [finding.seen for finding in said] == ["smtp://mail.example.org (from the environment)"]


@pytest.mark.parametrize(
    "url", ["http://amparo.example.org", "amparo.example.org", "https://a b", "https://a?x"]
)
def test_pages_are_reached_over_tls(url: str) -> None:
    """A link to leave must not be readable on the way."""
    with pytest.raises(SettingsError, match="AMPARO_PUBLIC_URL"):
        read_settings({"AMPARO_PUBLIC_URL": url})
    assert read_settings({"AMPARO_PUBLIC_URL": "https://a.example/"}).public_url == "https://a.example"
    assert read_settings({"AMPARO_PUBLIC_URL": "http://127.0.0.1:8025"}).public_url


def test_two_processes_that_make_the_secret_get_the_same(tmp_path: Path) -> None:
    """Scheduler and pages start together on a new machine."""
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(read_secret(tmp_path / "secret"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
