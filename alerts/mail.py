"""Makes the bytes of a mail: headers that cannot be injected into, two bodies, RFC 8058 links."""

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from core.errors import InputError, SettingsError
from core.subscription import mail_address, one_line

_LINK = re.compile(r"https?://[!-;=?-~]{1,900}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who the mails are from: a name and one address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain in which Message-IDs are made."""
        return self.address.rpartition("@")[2]


def read_sender(written: str) -> Sender:
    """`Name <address>` or an address. Raises SettingsError."""
    name, bracket, rest = written.partition("<")
    address = rest.rstrip().removesuffix(">") if bracket else written
    try:
        return Sender(name=one_line(name.strip().strip('"')) or "Amparo", address=mail_address(address))
    except Exception as error:
        raise SettingsError(f"AMPARO_MAIL_FROM: {error}") from None


def message_id(key: str, domain: str) -> str:
    """The same for the same outbox row, so that a mail sent twice is shown once."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def compose(
    *,
    key: str,
    sender: Sender,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    at: datetime,
    unsubscribe: str = "",
    language: str = "en",
    list_id: str = "",
) -> bytes:
    """A whole mail as bytes with CRLF. Raises InputError when `to` is not one plain address.

    Every header value is one line; the bodies are quoted-printable, so no line is long, none
    starts a header and nothing depends on what the server can carry.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=mail_address(to))
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = language if language.isalpha() else "en"
    if unsubscribe:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Precedence"] = "bulk"
    if list_id:
        message["List-Id"] = f"<{list_id}.{sender.domain}>"
    if html is None:
        _fill(message, "plain", text)
    else:
        message["Content-Type"] = f'multipart/alternative; boundary="={message_id(key, "part")[1:33]}"'
        message["MIME-Version"] = "1.0"
        for subtype, body in (("plain", text), ("html", html)):
            part = EmailMessage(policy=policy.SMTP)
            _fill(part, subtype, body)
            message.attach(part)
    return _link_header(unsubscribe) + message.as_bytes()


def _link_header(link: str) -> bytes:
    """The List-Unsubscribe line, by itself: the folding of long headers would encode a long link."""
    if not link:
        return b""
    if not _LINK.fullmatch(link):
        raise InputError("a link to unsubscribe has to be one plain address")
    return f"List-Unsubscribe: <{link}>\r\n".encode("ascii")


def _fill(part: EmailMessage, subtype: str, body: str) -> None:
    """One quoted-printable text body. The C encoder is fifty times as fast as set_content."""
    lines = body.encode("utf-8", errors="replace").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoded = binascii.b2a_qp(lines, istext=True, quotetabs=False)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    if "MIME-Version" not in part:
        part["MIME-Version"] = "1.0"
    part.set_payload(encoded.decode("ascii"))


def personal(text: str, links: Mapping[str, str]) -> str:
    """A rendering shared by many readers, with the placeholders replaced by one reader's links."""
    for placeholder, link in links.items():
        text = text.replace(placeholder, link)
    return text
