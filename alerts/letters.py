"""Turns an outbox row into what is sent: a digest mail, a confirmation, a notice, a webhook's body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.digest import Digest, addresses, as_json, from_json, without
from alerts.links import Purpose, make_token
from alerts.mail import Sender, compose, personal
from alerts.phrases import say
from alerts.rendering import Labels, Links, Rendered, render
from core.subscription import Subscriber
from db.alert_stores import AlertStores
from db.engine import Database
from db.outbox import Outgoing

UNSUBSCRIBE, PREFERENCES = "https://unsubscribe.invalid/", "https://preferences.invalid/"
"""Placeholders in a rendering that many readers share; replaced by each reader's links."""

RENDERINGS = 64
"""Renderings kept in memory in one round."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """Where readers' links lead and what they are signed with."""

    public_url: str
    secret: bytes

    def link(self, purpose: Purpose, subscriber_id: int, subscription_id: int, at: datetime) -> str:
        """An address such as https://amparo.example.org/unsubscribe/TOKEN."""
        token = make_token(self.secret, purpose, subscriber_id, subscription_id, at)
        return f"{self.public_url}/{PATHS[purpose]}/{token}"


PATHS = {
    Purpose.CONFIRM: "confirm",
    Purpose.UNSUBSCRIBE: "unsubscribe",
    Purpose.PREFERENCES: "preferences",
}


@dataclass(kw_only=True, slots=True)
class Letters:
    """Writes the mails of one round; renderings are shared by readers who are told the same."""

    database: Database
    sender: Sender
    pages: Pages
    labels: Labels
    _rendered: dict[tuple[int, str], Rendered | None] = field(default_factory=dict)

    def write(self, outgoing: Outgoing, subscriber: Subscriber) -> bytes | None:
        """The mail of a row; None when there is nothing left to tell.

        The same row gives the same bytes: links and date are those of the row, not of the moment.
        """
        kinds: Mapping[str, Callable[[Outgoing, Subscriber], bytes | None]] = {
            "digest": self._digest,
            "confirm": self._confirm,
            "already": self._already,
            "notice": self._notice,
        }
        return kinds[outgoing.kind](outgoing, subscriber)

    def _digest(self, outgoing: Outgoing, subscriber: Subscriber) -> bytes | None:
        rendered = self._rendering(outgoing, subscriber.language)
        if rendered is None:
            return None
        at, mine = outgoing.created_at, outgoing.subscription_id or 0
        leave = self.pages.link(Purpose.UNSUBSCRIBE, subscriber.id, mine, at)
        change = self.pages.link(Purpose.PREFERENCES, subscriber.id, 0, at)
        links = {UNSUBSCRIBE: leave, PREFERENCES: change}
        return compose(
            key=outgoing.key,
            sender=self.sender,
            to=subscriber.address,
            subject=rendered.subject,
            text=personal(rendered.text, links),
            html=personal(rendered.html, links),
            at=at,
            unsubscribe=leave,
            language=subscriber.language,
            list_id=f"digest-{mine}",
        )

    def _rendering(self, outgoing: Outgoing, language: str) -> Rendered | None:
        known = (outgoing.digest_id or 0, language)
        if known not in self._rendered:
            if len(self._rendered) >= RENDERINGS:
                self._rendered.clear()
            digest = stored_digest(self.database, outgoing)
            links = Links(unsubscribe=UNSUBSCRIBE, preferences=PREFERENCES)
            self._rendered[known] = render(digest, language, self.labels, links) if digest else None
        return self._rendered[known]

    def _confirm(self, outgoing: Outgoing, subscriber: Subscriber) -> bytes | None:
        lang, asked = subscriber.language, outgoing.subscription_id or 0
        with self.database.read() as connection:
            stores = AlertStores(connection)
            subscription = stores.subscribers.subscription(asked)
        if subscription is None:
            return None
        query = subscription.query or say(lang, "everything")
        lines = [
            say(lang, "confirm_hello"),
            say(
                lang,
                "confirm_what",
                frequency=say(lang, f"frequency_{subscription.frequency}"),
                query=query,
            ),
            say(lang, "confirm_do"),
            self.pages.link(Purpose.CONFIRM, subscriber.id, asked, outgoing.created_at),
            say(lang, "confirm_not"),
        ]
        return self._plain(outgoing, subscriber, say(lang, "confirm_subject", name=subscription.name), lines)

    def _already(self, outgoing: Outgoing, subscriber: Subscriber) -> bytes:
        lang = subscriber.language
        link = self.pages.link(Purpose.PREFERENCES, subscriber.id, 0, outgoing.created_at)
        lines = [say(lang, "already_text"), link]
        return self._plain(outgoing, subscriber, say(lang, "already_subject"), lines)

    def _notice(self, outgoing: Outgoing, subscriber: Subscriber) -> bytes:
        lang, detail = subscriber.language, outgoing.detail
        told = say(lang, "notice_text", host=detail["host"], reason=detail["reason"])
        to = replace(subscriber, address=str(detail["to"]))
        return self._plain(outgoing, to, say(lang, "notice_subject"), [told])

    def _plain(self, outgoing: Outgoing, to: Subscriber, subject: str, lines: list[str]) -> bytes:
        return compose(
            key=outgoing.key,
            sender=self.sender,
            to=to.address,
            subject=subject,
            text="\n\n".join(lines) + "\n",
            html=None,
            at=outgoing.created_at,
            language=to.language,
        )


def stored_digest(database: Database, outgoing: Outgoing) -> Digest | None:
    """The digest of a row, without what was taken down since; None when nothing is left of it."""
    with database.read() as connection:
        stores = AlertStores(connection)
        content = stores.digests.get(outgoing.digest_id or 0)
        if content is None:
            return None
        digest = from_json(content)
        barred = stores.tombstones.has(addresses(digest))
    if not barred:
        return digest
    left = without(digest, frozenset(barred))
    return None if left.is_empty and not digest.is_empty else left


def hook_body(database: Database, outgoing: Outgoing) -> bytes | None:
    """The body of a webhook call: the digest as JSON."""
    digest = stored_digest(database, outgoing)
    return as_json(digest) if digest else None
