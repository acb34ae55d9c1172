"""Posts a digest to a webhook: signed, to public addresses only, never following a redirect."""

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

IPAddress = IPv4Address | IPv6Address
Permitted = Callable[[IPAddress], bool]
"""Whether an address may be called: the crawler's own rule, handed in by the command."""

SECONDS = 15.0
LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What came of one call. `gone`: the receiver says that it will never be there again."""

    ok: bool
    reason: str = ""
    gone: bool = False


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the HMAC of the timestamp, a dot and the body, in hex."""
    said = str(timestamp).encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def headers(*, key: str, secret: str, body: bytes, now: datetime, agent: str) -> dict[str, str]:
    """The headers of one call. The key stays the same when a call is repeated."""
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": agent,
        "Idempotency-Key": key,
        "Amparo-Timestamp": str(timestamp),
        "Amparo-Signature": signature(secret, timestamp, body),
    }


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    permitted: Permitted,
    context: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> Posted:
    """Call a webhook once. Never raises for what the other side does.

    The name is resolved once, every address it has must be permitted, and the connection goes to
    the very address that was looked at: a name that changes its answer leads nowhere else.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Posted(ok=False, reason=f"{host} cannot be resolved")
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not addresses or not all(permitted(ip_address(address)) for address in addresses):
        return Posted(ok=False, reason=f"{host} is not on the public internet: not called")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(host, port, addresses[0], context or ssl.create_default_context(), seconds)
    try:
        connection.request("POST", target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(LONGEST_ANSWER)
        status = answer.status
    except ssl.SSLCertVerificationError as error:
        return Posted(ok=False, reason=f"the certificate of {host} is not trusted ({error.verify_message})")
    except (OSError, http.client.HTTPException) as error:
        name = type(error).__name__
        return Posted(ok=False, reason=f"{host}: {' '.join(str(error).split())[:200] or name}")
    finally:
        connection.close()
    if 200 <= status < 300:
        return Posted(ok=True)
    return Posted(ok=False, reason=f"{host} answered {status}", gone=status == 410)


class _Pinned(http.client.HTTPSConnection):
    """HTTPS to one known address, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
