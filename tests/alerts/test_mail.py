"""The bytes of a mail: nothing that came from outside makes a header, markup or a request."""

import email
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.mail import Sender, compose, message_id, read_sender
from core.errors import InputError, SettingsError
from core.subscription import mail_address, webhook_address
from tests.alerts.world import Inbox, World, body
from tests.db.samples import prose

SENDER = Sender(name="Amparo", address="digests@amparo.example")
AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress",
    "content-language", "list-unsubscribe", "list-unsubscribe-post", "precedence", "list-id", "content-type",
    "mime-version",
}  # fmt: skip


def parsed(mail: bytes) -> EmailMessage:
    message = email.message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=60))
def test_no_text_makes_a_header_or_another_part(subject: str, text: str, name: str) -> None:
    """A search, a title or a name with line breaks must stay one header or one body."""
    mail = compose(
        key="k",
        sender=Sender(
            name=read_sender(f"{name.replace('<', '')} <a@example.org>").name, address="a@example.org"
        ),
        to="b@example.org",
        subject=f"x{subject}\r\nBcc: victim@example.org",
        text=text,
        html=f"<p>{text}\r\n--=\r\n</p>",
        at=AT,
        unsubscribe="https://amparo.example/unsubscribe/x",
        list_id="digest-1",
    )
    message = parsed(mail)
    assert {key.lower() for key in message} == HEADERS
    assert len(list(message.iter_parts())) == 2
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert mail.isascii()


@pytest.mark.parametrize(
    "address",
    [
        *("a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "A <a@example.org>"),
        *("a@b", "@x.org", "a b@example.org", '"a"@example.org', "a@example.org\x00", "a..b@example.org"),
        *("a@-x.org", "a@[127.0.0.1]", "a@example.org>", "ñ@example.org", ""),
    ],
)  # fmt: skip
def test_only_one_plain_address_is_an_address(address: str) -> None:
    """Whatever else is written could reach another mailbox."""
    with pytest.raises(InputError):
        mail_address(address)


def test_address_of_an_international_domain_is_kept_in_ascii() -> None:
    """No server has to understand SMTPUTF8 to serve an organisation with an accent in its name."""
    assert (
        mail_address(" Ana@Fundación.Example ")
        == "Ana@xn--" + "Fundación".lower().encode("punycode").decode() + ".example"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://x.org/",
        "https://u:p@x.org/",
        "https://x.org/a b",
        "ftp://x",
        "https://",
        "https://x.org:99999/",
    ],
)
def test_webhook_address_is_plain_https(url: str) -> None:
    """Signed material does not go out in the clear, nor with credentials in an address."""
    with pytest.raises(InputError):
        webhook_address(url)


def test_message_id_comes_from_the_key() -> None:
    """The same row is the same mail."""
    assert message_id("digest/1/2026-03-02/1/1", "x.org") == message_id("digest/1/2026-03-02/1/1", "x.org")
    assert message_id("a", "x.org") != message_id("b", "x.org")


def test_sender_has_to_be_set() -> None:
    """A digest from nobody would be spam."""
    with pytest.raises(SettingsError, match="AMPARO_MAIL_FROM"):
        read_sender("")


HOSTILE = (
    "<script>alert(1)</script><img src=https://evil.example/t.gif onerror=x> {{ 7*7 }} "
    "<style>*{background:url(https://evil.example)}</style> <a href='javascript:x'>y</a> &amp; \u202e"
)


class Loads(HTMLParser):
    """Everything in a page that could load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background")]


def test_mail_loads_nothing_and_runs_nothing(small_world: World, inbox: Inbox, port: int) -> None:
    """No tracking, no remote image, no markup of a report, whatever a page was called."""
    small_world.subscribe("ana@example.org", query="", name=HOSTILE, frequency="at-once")
    small_world.publish("one", title=HOSTILE, text=f"{HOSTILE} 14 people detained. {prose('x')}")
    small_world.publish("two", title="\r\nBcc: x@example.org")
    assert small_world.send(port).sent == 1
    message = inbox.mails[0][1]
    assert message["Bcc"] is None
    html = body(message, "html")
    seen = Loads()
    seen.feed(html)
    forbidden = "script img iframe object link form svg video audio base"
    assert not seen.tags & set(forbidden.split())
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert seen.links
    assert all(link.startswith(("https://vigia.example/", "https://amparo.example/")) for link in seen.links)
    assert "@import" not in html
    assert html.count("<style") == 1
    assert "url(" not in html.partition("</style>")[0]
    assert "{{ 7*7 }}" in body(message)


def test_one_click_unsubscribe_headers(small_world: World, inbox: Inbox, port: int) -> None:
    """RFC 8058: mail programs show a button that works without visiting a page."""
    small_world.subscribe(frequency="at-once")
    small_world.publish("one")
    small_world.send(port)
    message = inbox.mails[0][1]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://amparo\.example/unsubscribe/[\w-]{20,80}>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe"].strip("<>") in body(message)
    assert message["Auto-Submitted"] == "auto-generated"
