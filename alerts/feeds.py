"""Private feeds: what a feed subscription was given, as Atom or JSON Feed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from alerts.digest import Change, Digest, Item, Story
from alerts.letters import stored_digest
from alerts.phrases import many, say
from alerts.rendering import web
from core.subscription import Channel, SubscriptionState
from db.alert_stores import AlertStores
from db.engine import Database

ENTRIES = 200
"""Entries in a feed at most; a reader that polls daily misses none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed as it is sent."""

    body: str
    content_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One story or change in a feed; `id` is the same whenever it is shown."""

    id: str
    item: Item
    at: datetime
    text: str


def entries(digests: Iterable[Digest], language: str) -> Iterator[Entry]:
    """The entries of digests, in their order; a version of a report is one entry."""
    for digest in digests:
        told: list[Change | Story] = [*digest.changes, *digest.stories]
        for one in told:
            item = one.item
            if isinstance(one, Story):
                kind = "again" if one.known else "report"
                echoes = [many(language, "echoes", one.outlets)] if one.outlets else []
                lines = [item.excerpt, *item.figures, *echoes, *(echo.url for echo in one.echoes)]
                mark = one.echoes[0].report_id if one.known and one.echoes else item.report_id
            else:
                kind, mark = one.kind, item.report_id
                pairs = [f"{d.before} → {d.after}" for d in one.differences]
                lines = [say(language, one.kind), *pairs]
            yield Entry(
                id=f"urn:amparo:{kind}:{mark}:{item.version}",
                item=item,
                at=digest.until,
                text="\n".join(line for line in lines if line),
            )


def feed_answer(database: Database, token: str, public_url: str) -> Feed | None:
    """The feed at TOKEN.atom or TOKEN.json; None for a token that is not one."""
    address, _, form = token.rpartition(".")
    if form not in ("atom", "json") or len(address) < 24:
        return None
    with database.read() as connection:
        stores = AlertStores(connection)
        store = stores.subscribers
        subscriber = store.by_address(Channel.FEED, address)
        if subscriber is None:
            return None
        mine = [
            one
            for one in store.subscriptions(subscriber_id=subscriber.id)
            if one.state is SubscriptionState.ACTIVE
        ]
        rows = stores.outbox.published([one.id for one in mine])
    digests = [digest for row in rows if (digest := stored_digest(database, row)) is not None]
    shown = list(entries(digests, subscriber.language))[:ENTRIES]
    name = mine[0].name if mine else "Amparo"
    home = f"{public_url}/feed/{address}"
    if form == "json":
        return Feed(body=_json(shown, name, home), content_type="application/feed+json; charset=utf-8")
    return Feed(body=_atom(shown, name, home), content_type="application/atom+xml; charset=utf-8")


def _json(shown: list[Entry], name: str, home: str) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": name,
            "feed_url": f"{home}.json",
            "items": [
                {
                    "id": one.id,
                    "url": web(one.item.url),
                    "title": one.item.title,
                    "content_text": one.text,
                    "date_published": one.at.isoformat(),
                    "language": one.item.language,
                    "authors": [{"name": one.item.source}],
                    "tags": list(one.item.tags),
                }
                for one in shown
            ],
        },
        ensure_ascii=False,
    )


def _atom(shown: list[Entry], name: str, home: str) -> str:
    updated = max((one.at for one in shown), default=datetime(2000, 1, 1, tzinfo=UTC))
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_xml(name)}</title>",
        f"<id>{_xml(home)}.atom</id>",
        f"<updated>{updated.isoformat()}</updated>",
        f'<link rel="self" href={quoteattr(home + ".atom")}/>',
    ]
    for one in shown:
        lines += [
            "<entry>",
            f"<id>{_xml(one.id)}</id>",
            f"<title>{_xml(one.item.title)}</title>",
            f"<link href={quoteattr(_legal(web(one.item.url)))}/>",
            f"<updated>{one.at.isoformat()}</updated>",
            f"<author><name>{_xml(one.item.source)}</name></author>",
            *(f"<category term={quoteattr(_legal(tag))}/>" for tag in one.item.tags),
            f'<content type="text">{_xml(one.text)}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def _xml(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) != 0xFFFE)
