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

from alerts.delivering import Carrier, Notify, Tally, deliver
from alerts.desk import Rules
from alerts.letters import Letters, Pages, hook_body
from alerts.links import read_secret, webhook_secret
from alerts.mail import read_sender
from alerts.masking import Mask
from alerts.matching import match_events
from alerts.preparing import prepare_due
from alerts.rendering import Labels
from alerts.smtp import Accepted, MailServer, Refused, Verdict, read_server
from alerts.webhook import Permitted, headers, post
from core.errors import SettingsError
from core.settings import Settings
from core.subscription import Channel, Subscriber
from db.alert_stores import AlertStores
from db.engine import Database
from db.outbox import Outgoing
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
    this = _Round(database=database, settings=settings, tally=tally, owner=owner, clock=ticking)
    _hooks(this, permitted)
    _mails(this, labels_of(taxonomy))
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    """What the steps of one round share. `owner` names the leases of this round."""

    database: Database
    settings: Settings
    tally: Tally
    owner: str
    clock: Callable[[], datetime]

    def deliver(self, channel: Channel, carry: Carrier, notify: Notify | None = None) -> None:
        """Deliver what is due of a channel."""
        deliver(
            self.database,
            channel,
            carry,
            owner=self.owner,
            clock=self.clock,
            tally=self.tally,
            notify=notify,
        )


def _mails(this: _Round, labels: Labels) -> None:
    database, settings = this.database, this.settings
    with database.read() as connection:
        stores = AlertStores(connection)
        if not stores.outbox.any_due(Channel.MAIL.value, this.clock()):
            return
    try:
        server = MailServer(read_server(settings.smtp_url))
        sender = read_sender(settings.mail_from)
        pages = pages_of(settings)
    except SettingsError as error:
        # Nothing is lost: the rows wait until the operator has set it.
        this.tally.trouble.append(str(error))
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
        this.deliver(Channel.MAIL, carry)
    finally:
        server.close()


def _hooks(this: _Round, permitted: Permitted) -> None:
    database, settings = this.database, this.settings

    def carry(outgoing: Outgoing, subscriber: Subscriber, now: datetime) -> Verdict:
        body = hook_body(database, outgoing)
        if body is None:
            return Accepted()
        key = webhook_secret(secret_of(settings), subscriber.id, subscriber.address)
        said = headers(key=outgoing.key, secret=key, body=body, now=now, agent=settings.user_agent)
        posted = post(subscriber.address, body, said, permitted=permitted)
        return Accepted() if posted.ok else Refused(reason=posted.reason, final=posted.gone)

    def notify(stores: AlertStores, subscriber: Subscriber, reason: str) -> None:
        _notice(stores, settings, subscriber, reason, this.clock())

    this.deliver(Channel.WEBHOOK, carry, notify)


def _notice(
    stores: AlertStores, settings: Settings, subscriber: Subscriber, reason: str, now: datetime
) -> None:
    """Tell who asked for a webhook, or the operator, that it is paused."""
    to = subscriber.notice_to or _contact(settings)
    if not to:
        return
    stores.outbox.add(
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
        stores = AlertStores(connection)
        stores.subscribers.forget_unconfirmed(now - UNCONFIRMED_KEPT)
        if stores.outbox.remove_done(now - OUTBOX_KEPT):
            stores.digests.remove_unused(now - OUTBOX_KEPT)
