"""One round of alerts: match, prepare, deliver. The scheduler and `amparo digest send` call it."""

import logging
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from sqlalchemy import Connection

from alerts.delivering import Tally, deliver
from alerts.letters import Letters, Pages, hook_body
from alerts.links import read_secret, webhook_secret
from alerts.mail import read_sender
from alerts.masking import Mask
from alerts.matching import match_events
from alerts.preparing import Rules, prepare_due
from alerts.rendering import Labels
from alerts.smtp import Accepted, MailServer, Refused, Verdict, read_server
from alerts.webhook import Permitted, headers, post
from core.errors import SettingsError
from core.settings import Settings
from core.subscription import Channel, Subscriber
from db.digests import DigestStore
from db.engine import Database
from db.outbox import OutboxStore, Outgoing
from db.subscribers import SubscriberStore
from taxonomy.loader import load_taxonomy
from taxonomy.model import Taxonomy

log = logging.getLogger("amparo.alerts")

UNCONFIRMED_KEPT = timedelta(days=8)
"""An address that never confirmed is deleted: a day after its link has ended."""

OUTBOX_KEPT = timedelta(days=90)
"""Settled rows and the digests they carried; what each reader was given stays noted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What one round did. `matched` and `prepared` count entries and outbox rows; the rest rows."""

    matched: int = 0
    prepared: int = 0
    sent: int = 0
    later: int = 0
    failed: int = 0
    paused: int = 0
    trouble: tuple[str, ...] = ()


def labels_of(taxonomy: Taxonomy) -> Labels:
    """Tag id -> language -> label."""
    return {tag.id: tag.label for tag in taxonomy.tags.values()}


def pages_of(settings: Settings) -> Pages:
    """Where readers' links lead. Raises SettingsError while AMPARO_PUBLIC_URL is not set."""
    if not settings.public_url:
        raise SettingsError("AMPARO_PUBLIC_URL: needed, so that people can confirm and unsubscribe")
    return Pages(public_url=settings.public_url, secret=secret_of(settings))


def secret_of(settings: Settings) -> bytes:
    """What signs links and webhooks."""
    return read_secret(settings.secret_file or settings.data_dir / "secret")


def send_due(
    database: Database,
    settings: Settings,
    now: datetime,
    *,
    permitted: Permitted,
    quiet_days: Mapping[str, int] | None = None,
    even_if_empty: bool = False,
    clock: Callable[[], datetime] | None = None,
) -> Sent:
    """Match new events, prepare the digests that are due at `now`, deliver the outbox.

    Safe to call at any time and from several processes; every step goes on from what is in the
    database. A mail server that is out of reach is told in `trouble`, never raised: what is in
    the outbox stays there. `permitted` says which network addresses a webhook may have.
    """
    ticking = clock or _ticking(now)
    taxonomy = _taxonomy()
    rules = Rules(mask=Mask(taxonomy.identifiers), quiet_days=quiet_days or {})
    matched = match_events(database)
    prepared = prepare_due(database, rules, now, even_if_empty=even_if_empty)
    tally = Tally()
    owner = f"{platform.node()}/{os.getpid()}/{time.monotonic_ns()}"
    _hooks(database, settings, tally, owner, ticking, permitted)
    _mails(database, settings, labels_of(taxonomy), tally, owner, ticking)
    _tidy(database, now)
    return Sent(
        matched=matched,
        prepared=prepared,
        sent=tally.sent,
        later=tally.later,
        failed=tally.failed,
        paused=tally.paused,
        trouble=tuple(tally.trouble),
    )


@cache
def _taxonomy() -> Taxonomy:
    """The packaged rules, read once a process."""
    return load_taxonomy()


def _ticking(now: datetime) -> Callable[[], datetime]:
    """`now`, moving on as the round goes on."""
    start = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - start)


def _mails(
    database: Database,
    settings: Settings,
    labels: Labels,
    tally: Tally,
    owner: str,
    clock: Callable[[], datetime],
) -> None:
    with database.read() as connection:
        if not OutboxStore(connection).any_due(Channel.MAIL.value, clock()):
            return
    try:
        server = MailServer(read_server(settings.smtp_url))
        sender = read_sender(settings.mail_from)
        pages = pages_of(settings)
    except SettingsError as error:
        # Nothing is lost: the rows wait until the operator has set it.
        tally.trouble.append(str(error))
        log.error("mail cannot be sent", extra={"reason": str(error)})
        return
    letters = Letters(database=database, sender=sender, pages=pages, labels=labels)

    def carry(outgoing: Outgoing, subscriber: Subscriber, _now: datetime) -> Verdict:
        mail = letters.write(outgoing, subscriber)
        if mail is None:
            return Accepted()
        to = str(outgoing.detail.get("to") or subscriber.address)
        return server.send(sender.address, to, mail)

    try:
        deliver(database, Channel.MAIL, carry, owner=owner, clock=clock, tally=tally)
    finally:
        server.close()


def _hooks(
    database: Database,
    settings: Settings,
    tally: Tally,
    owner: str,
    clock: Callable[[], datetime],
    permitted: Permitted,
) -> None:
    def carry(outgoing: Outgoing, subscriber: Subscriber, now: datetime) -> Verdict:
        body = hook_body(database, outgoing)
        if body is None:
            return Accepted()
        key = webhook_secret(secret_of(settings), subscriber.id, subscriber.address)
        said = headers(key=outgoing.key, secret=key, body=body, now=now, agent=settings.user_agent)
        posted = post(subscriber.address, body, said, permitted=permitted)
        return Accepted() if posted.ok else Refused(reason=posted.reason, final=posted.gone)

    def notify(connection: Connection, subscriber: Subscriber, reason: str) -> None:
        _notice(connection, settings, subscriber, reason, clock())

    deliver(database, Channel.WEBHOOK, carry, owner=owner, clock=clock, tally=tally, notify=notify)


def _notice(
    connection: Connection, settings: Settings, subscriber: Subscriber, reason: str, now: datetime
) -> None:
    """Tell who asked for a webhook, or the operator, that it is paused."""
    to = subscriber.notice_to or _contact(settings)
    if not to:
        return
    OutboxStore(connection).add(
        key=f"notice/{subscriber.id}/{subscriber.revision}/{int(now.timestamp())}",
        kind="notice",
        channel=Channel.MAIL.value,
        subscriber_id=subscriber.id,
        now=now,
        detail={"to": to, "host": urlsplit(subscriber.address).hostname or "", "reason": reason},
    )


def _contact(settings: Settings) -> str:
    written = settings.contact.removeprefix("mailto:")
    return written if "@" in written and "/" not in written else ""


def _tidy(database: Database, now: datetime) -> None:
    """Forget who never confirmed, and outbox rows that are long settled."""
    with database.write() as connection:
        SubscriberStore(connection).forget_unconfirmed(now - UNCONFIRMED_KEPT)
        if OutboxStore(connection).remove_done(now - OUTBOX_KEPT):
            DigestStore(connection).remove_unused(now - OUTBOX_KEPT)
