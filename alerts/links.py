"""Signed links of mails: confirm, unsubscribe, preferences, and the secret they are signed with.

A token says what it is for, for which subscriber and subscription, and until when. It holds no
address, and nobody without the secret can make or change one.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from core.errors import SettingsError


class Purpose(StrEnum):
    """What the holder of a token may do."""

    CONFIRM = "c"
    UNSUBSCRIBE = "u"
    PREFERENCES = "p"


LASTS = {Purpose.CONFIRM: timedelta(days=7), Purpose.PREFERENCES: timedelta(days=90)}
"""An unsubscribe link never ends: a mail found years later must still be able to stop the mails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a valid token allows. `subscription_id` 0 means all of the subscriber's."""

    purpose: Purpose
    subscriber_id: int
    subscription_id: int


def make_token(
    secret: bytes, purpose: Purpose, subscriber_id: int, subscription_id: int, now: datetime
) -> str:
    """A token of letters, digits, - and _, under 60 characters, so that no mail client breaks it."""
    lasts = LASTS.get(purpose)
    ends = int((now + lasts).timestamp()) if lasts else 0
    said = f"{purpose}{_base36(subscriber_id)}-{_base36(subscription_id)}-{_base36(ends)}"
    return f"{said}-{_signature(secret, said)}"


def read_token(secret: bytes, token: str, now: datetime) -> Grant | None:
    """What a token allows; None for any that is broken, forged or over."""
    parts = token.strip()[:120].split("-", 3)
    if len(parts) != 4 or not parts[0] or not token.isascii():
        return None
    said, signature = "-".join(parts[:3]), parts[3]
    if not hmac.compare_digest(_signature(secret, said), signature):
        return None
    try:
        purpose = Purpose(said[0])
        subscriber_id, subscription_id, ends = (int(part, 36) for part in (said[1:].split("-")))
    except ValueError:
        return None
    if ends and datetime.fromtimestamp(ends, UTC) < now:
        return None
    return Grant(purpose=purpose, subscriber_id=subscriber_id, subscription_id=subscription_id)


def _signature(secret: bytes, said: str) -> str:
    digest = hmac.new(secret, b"amparo link 1\0" + said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def webhook_secret(secret: bytes, subscriber_id: int, address: str) -> str:
    """The key a webhook's calls are signed with, made from ours: it is kept nowhere."""
    said = f"amparo webhook 1\0{subscriber_id}\0{address}".encode()
    return "whsec_" + hmac.new(secret, said, hashlib.sha256).hexdigest()


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while True:
        number, digit = divmod(number, 36)
        written = digits[digit] + written
        if not number:
            return written


def read_secret(file: Path) -> bytes:
    """The secret in a file that only its owner can read, made when there is none.

    Raises SettingsError when it is too short or cannot be read. Losing it makes every link sent
    so far invalid.
    """
    if not file.exists():
        _make_secret(file)
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"AMPARO_SECRET_FILE: {file}: {error.strerror}") from None
    if len(secret) < 32:
        raise SettingsError(f"AMPARO_SECRET_FILE: {file}: expected 32 characters or more")
    return secret


def _make_secret(file: Path) -> None:
    """Write a new secret beside its place and link it there, whole or not at all; the first wins."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    except OSError as error:
        raise SettingsError(f"AMPARO_SECRET_FILE: {file}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
