"""Speaks SMTP: what the server said becomes a verdict on the recipient or on the whole server."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from core.errors import AmparoError, SettingsError

SECONDS = 60.0
"""The longest wait for one answer of the server."""


class Security(StrEnum):
    """How the connection is protected. OFF is only for this machine."""

    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where mail goes, from AMPARO_SMTP_URL. `ca` is a file of certificates trusted besides none other."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""
    ca: Path | None = None

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.security})"


def read_server(url: str) -> Server:
    """smtp://USER:PASSWORD@HOST:PORT (STARTTLS is demanded) or smtps://…; `?ca=FILE`, `?tls=off`.

    Raises SettingsError, which never shows the password. `tls=off` is refused unless the host is
    this machine.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise SettingsError("AMPARO_SMTP_URL: expected smtp://HOST:PORT or smtps://HOST") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or set(options) - {"tls", "ca"}:
        raise SettingsError(
            "AMPARO_SMTP_URL: expected smtp://HOST:PORT or smtps://HOST, with ?ca= or ?tls=off"
        )
    security = Security.TLS if parts.scheme == "smtps" else Security.STARTTLS
    if options.get("tls"):
        if options["tls"] != ["off"] or not _is_this_machine(parts.hostname) or security is Security.TLS:
            raise SettingsError("AMPARO_SMTP_URL: tls=off is only for smtp:// on this machine (127.0.0.1)")
        security = Security.OFF
    ca = Path(options["ca"][0]) if options.get("ca") else None
    if ca is not None and not ca.is_file():
        raise SettingsError(f"AMPARO_SMTP_URL: ca={ca} is not a file")
    return Server(
        host=parts.hostname,
        port=port or (465 if security is Security.TLS else 587),
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=ca,
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class ServerTrouble(AmparoError):
    """The mail server took no mail at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The server took responsibility for the mail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The server refused this recipient. `final`: a 5xx, otherwise a 4xx to be tried again."""

    reason: str
    final: bool


Verdict = Accepted | Refused


class MailServer:
    """One connection, opened at the first mail and again when it broke. Not for two threads."""

    def __init__(self, server: Server, *, seconds: float = SECONDS) -> None:
        self._server = server
        self._seconds = seconds
        self._open: smtplib.SMTP | None = None

    def send(self, sender: str, to: str, mail: bytes) -> Verdict:
        """Hand over one mail. Raises ServerTrouble, with the reason, when it is not about `to`.

        After ServerTrouble during DATA the mail may or may not have been taken: it is sent again
        with the same Message-ID.
        """
        try:
            smtp = self._begun(sender, len(mail))
            return _transaction(smtp, to, mail)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            self.close()
            raise ServerTrouble(f"{self._name}: {_reason(error)}") from error

    def _begun(self, sender: str, size: int) -> smtplib.SMTP:
        """A connection on which MAIL was accepted.

        A server may hang up between two mails, or after so many on one connection: nothing was
        handed over by then, so a fresh connection is tried at once.
        """
        if self._open is not None:
            try:
                _mail_from(self._open, sender, size)
            except (OSError, smtplib.SMTPException):
                self.close()
            else:
                return self._open
        self._open = _connect(self._server, self._seconds)
        _mail_from(self._open, sender, size)
        return self._open

    @property
    def _name(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def close(self) -> None:
        """Say goodbye, or just hang up."""
        smtp, self._open = self._open, None
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()


def _connect(server: Server, seconds: float) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(server.ca) if server.ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        if server.security is Security.STARTTLS:
            smtp.ehlo()
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError(
                    "the server offers no STARTTLS; nothing was sent in the clear"
                )
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _mail_from(smtp: smtplib.SMTP, sender: str, size: int) -> None:
    smtp.ehlo_or_helo_if_needed()
    code, said = smtp.mail(sender, [f"SIZE={size}"] if smtp.has_extn("size") else [])
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, said, sender)


def _transaction(smtp: smtplib.SMTP, to: str, mail: bytes) -> Verdict:
    """RCPT and DATA: only their answers are about the recipient."""
    code, said = smtp.rcpt(to)
    if code not in (250, 251):
        return _refused(smtp, code, said)
    try:
        code, said = smtp.data(mail)
    except smtplib.SMTPDataError as error:
        return _refused(smtp, error.smtp_code, error.smtp_error)
    return Accepted() if code == 250 else _refused(smtp, code, said)


def _refused(smtp: smtplib.SMTP, code: int, said: bytes | str) -> Verdict:
    if code == 421 or code < 400:
        raise smtplib.SMTPResponseException(code, said)
    smtp.rset()
    return Refused(reason=_answer(code, said), final=code >= 500)


def _answer(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:300]


_NAMES: Mapping[type[BaseException], str] = {
    ssl.SSLCertVerificationError: "its certificate is not trusted",
    ssl.SSLError: "TLS failed",
    ConnectionRefusedError: "connection refused",
    socket.gaierror: "its name cannot be resolved",
    TimeoutError: "no answer in time",
    smtplib.SMTPServerDisconnected: "the connection broke",
    ConnectionResetError: "the connection broke",
    BrokenPipeError: "the connection broke",
    smtplib.SMTPAuthenticationError: "user name or password refused",
    smtplib.SMTPSenderRefused: "the sender address is refused",
}


def _reason(error: BaseException) -> str:
    """What went wrong, by name; never with a password in it."""
    name = next((name for kind, name in _NAMES.items() if isinstance(error, kind)), "")
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{name} ({error.verify_message})"
    if isinstance(error, smtplib.SMTPResponseException):
        said = _answer(error.smtp_code, error.smtp_error)
        return f"{name} ({said})" if name else said
    return name or " ".join(str(error).split())[:300] or type(error).__name__
