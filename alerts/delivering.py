"""Empties the outbox: claim, commit, deliver, commit; what a refusal means for the row. One thread."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.smtp import Accepted, Refused, ServerTrouble, Verdict
from core.errors import InputError
from core.subscription import Channel, Subscriber
from db.alert_stores import AlertStores
from db.engine import Database
from db.outbox import Outgoing

log = logging.getLogger("amparo.alerts")

BOUNCES = 3
"""So many refused mails in a row pause an address."""

MAIL_LASTS = timedelta(days=5)
"""How long a recipient's temporary refusals are borne, as mail servers do."""

WEBHOOK_LASTS = timedelta(hours=36)

_MAIL_PAUSES = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 240))
_HOOK_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240))
_TROUBLE_PAUSE = timedelta(minutes=5)
"""How long a row waits when the whole server was out of reach; the round stops there."""


Carrier = Callable[[Outgoing, Subscriber, datetime], Verdict]
"""Takes one row to its recipient. Raises ServerTrouble when no recipient can be reached now."""

Notify = Callable[[AlertStores, Subscriber, str], None]
"""Tells somebody, in the same transaction, that a webhook is paused, and why."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """What a round did, by number of rows. `trouble` says why a channel was given up, if it was."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    paused: int = 0
    trouble: list[str] = field(default_factory=list)


def deliver(
    database: Database,
    channel: Channel,
    carry: Carrier,
    *,
    owner: str,
    clock: Callable[[], datetime],
    tally: Tally,
    notify: Notify | None = None,
    most: int | None = None,
) -> None:
    """Deliver every row of a channel that is due, each claimed and settled in its own transaction.

    Settling one row and claiming the next is one transaction. `clock` is asked for each row, so a
    long round does not use up leases. Stops when the whole server is out of reach.
    """
    taken = _next(database, channel, owner, clock())
    count = 0
    while taken is not None:
        verdict = _carried(carry, taken, clock())
        if isinstance(verdict, ServerTrouble):
            _put_back(database, taken[0], str(verdict), clock())
            tally.trouble.append(str(verdict))
            tally.later += 1
            return
        count += 1
        now = clock()
        with database.write() as connection:
            stores = AlertStores(connection)
            _settle(stores, taken, verdict, now, tally, notify)
            more = most is None or count < most
            taken = _claim(stores, channel, owner, now) if more else None


Taken = tuple[Outgoing, Subscriber | None]


def _carried(carry: Carrier, taken: Taken, now: datetime) -> Verdict | ServerTrouble:
    outgoing, subscriber = taken
    if subscriber is None:
        return Refused(reason="the subscriber is gone", final=True)
    try:
        return carry(outgoing, subscriber, now)
    except ServerTrouble as error:
        log.info("mail server out of reach", extra={"reason": str(error)})
        return error
    except (InputError, KeyError, ValueError, LookupError) as error:
        # One row that cannot be written out must not hold up the rows behind it.
        log.exception("not written out", extra={"outbox": outgoing.key})
        return Refused(reason=f"not written out: {type(error).__name__}", final=False)


def _next(database: Database, channel: Channel, owner: str, now: datetime) -> Taken | None:
    with database.read() as connection:
        stores = AlertStores(connection)
        # An idle round takes no write lock.
        if not stores.outbox.any_due(channel.value, now):
            return None
    with database.write() as connection:
        stores = AlertStores(connection)
        return _claim(stores, channel, owner, now)


def _claim(stores: AlertStores, channel: Channel, owner: str, now: datetime) -> Taken | None:
    outgoing = stores.outbox.claim(channel.value, owner, now)
    return (outgoing, stores.subscribers.get(outgoing.subscriber_id)) if outgoing else None


def _put_back(database: Database, outgoing: Outgoing, reason: str, now: datetime) -> None:
    with database.write() as connection:
        stores = AlertStores(connection)
        stores.outbox.later(outgoing, reason, now + _TROUBLE_PAUSE, counts=False)


def _settle(  # noqa: PLR0917 - what a verdict means depends on all of them
    stores: AlertStores, taken: Taken, verdict: Verdict, now: datetime, tally: Tally, notify: Notify | None
) -> None:
    """Write what the verdict means: sent, later, or ended with what it carried owed again."""
    outgoing, subscriber = taken
    if isinstance(verdict, Accepted):
        _sent(stores, taken, now)
        tally.sent += 1
        return
    outbox = stores.outbox
    mail = outgoing.channel == Channel.MAIL.value
    lasts = MAIL_LASTS if mail else WEBHOOK_LASTS
    if not verdict.final and now - outgoing.created_at < lasts:
        pauses = _MAIL_PAUSES if mail else _HOOK_PAUSES
        pause = pauses[min(outgoing.attempts, len(pauses) - 1)]
        outbox.later(outgoing, verdict.reason, min(now + pause, outgoing.created_at + lasts), counts=True)
        tally.later += 1
        return
    if not outbox.failed(outgoing, verdict.reason):
        return
    stores.lists.settle(outgoing.id, "owed")
    tally.failed += 1
    log.warning("not delivered", extra={"outbox": outgoing.key, "reason": verdict.reason})
    if subscriber is not None and _pause(stores, subscriber, verdict, mail=mail):
        tally.paused += 1
        if notify is not None and not mail:
            notify(stores, subscriber, verdict.reason)


def _sent(stores: AlertStores, taken: Taken, now: datetime) -> None:
    outgoing, subscriber = taken
    if stores.outbox.sent(outgoing, now):
        stores.lists.settle(outgoing.id, "sent")
        if subscriber is not None and subscriber.bounces:
            stores.subscribers.change(subscriber.id, bounces=0)


def _pause(stores: AlertStores, subscriber: Subscriber, verdict: Refused, *, mail: bool) -> bool:
    """Count a bounce; whether it paused the address. A webhook has had its 36 hours by then."""
    store = stores.subscribers
    bounces = store.bounced(subscriber.id)
    if mail and bounces < BOUNCES:
        return False
    store.pause(subscriber.id, verdict.reason)
    return True
