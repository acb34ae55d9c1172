"""The pages behind the links of a mail, as answers to requests; any web server can carry them.

GET only shows a button: mail scanners open every link, and must neither confirm nor unsubscribe.
No answer tells whether an address is subscribed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts.feeds import feed_answer
from alerts.joining import Reader, change, confirm, join, leave, reader, wish
from alerts.links import Purpose, read_token
from alerts.phrases import PHRASES, say
from core.errors import InputError
from core.subscription import Channel
from db.engine import Database

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Sent with every answer: the address of a page holds a token that must not travel on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a page is asked. `form` holds the fields of a POST, `language` what the browser prefers."""

    method: str
    path: str
    form: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: str
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)


@cache
def _template() -> Any:
    loader = PackageLoader("alerts", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html.j2")


def answer(  # noqa: PLR0911 - one line a page
    database: Database, secret: bytes, request: Request, now: datetime, *, public_url: str
) -> Answer:
    """The answer to a request for one of our paths; 404 for any other.

    Paths: /subscribe, /confirm/TOKEN, /unsubscribe/TOKEN, /preferences/TOKEN, /feed/TOKEN.atom
    and /feed/TOKEN.json.
    """
    if request.method not in ("GET", "HEAD", "POST"):
        return Answer(status=405, body="", headers={**HEADERS, "Allow": "GET, HEAD, POST"})
    page, _, token = request.path.strip("/").partition("/")
    grant = read_token(secret, token, now)
    posted = request.method == "POST"
    match page:
        case "confirm":
            return _confirm(database, grant, request, now, posted=posted)
        case "unsubscribe":
            return _unsubscribe(database, grant, request, posted=posted)
        case "preferences":
            return _preferences(database, reader(database, grant), grant, request, posted=posted)
        case "subscribe":
            return _subscribe(database, request, now, posted=posted)
    feed = feed_answer(database, token, public_url) if page == "feed" else None
    if feed is not None:
        return Answer(status=200, body=feed.body, content_type=feed.content_type)
    return _page(request.language, "page_invalid", "page_unsubscribe", status=404)


def _confirm(database: Database, grant: Any, request: Request, now: datetime, *, posted: bool) -> Answer:
    lang = request.language
    if grant is None or grant.purpose is not Purpose.CONFIRM:
        return _page(lang, "page_invalid", "page_confirm", status=404)
    if not posted:
        return _page(lang, "", "page_confirm", kind="confirm")
    done = confirm(database, grant, now)
    return _page(
        lang, "page_confirmed" if done else "page_invalid", "page_confirm", status=200 if done else 404
    )


def _unsubscribe(database: Database, grant: Any, request: Request, *, posted: bool) -> Answer:
    lang = request.language
    if posted:
        # RFC 8058: one POST, no questions. A link that is not ours gets the same answer.
        leave(database, grant, everything=request.form.get("do") == "all")
        return _page(lang, "page_unsubscribed", "page_unsubscribe")
    if grant is None or grant.purpose is Purpose.CONFIRM:
        return _page(lang, "page_invalid", "page_unsubscribe", status=404)
    return _page(lang, "", "page_unsubscribe", kind="unsubscribe")


def _preferences(
    database: Database, known: Reader | None, grant: Any, request: Request, *, posted: bool
) -> Answer:
    if known is None:
        return _page(request.language, "page_invalid", "page_preferences", status=404)
    note = ""
    if posted and request.form.get("do") == "all":
        leave(database, grant, everything=True)
        return _page(known.subscriber.language, "page_unsubscribed", "page_unsubscribe")
    if posted:
        try:
            change(database, known, request.form)
        except InputError as error:
            note = say(known.subscriber.language, "page_wrong", reason=error)
        else:
            known = reader(database, grant)
            if known is None:
                return _page(request.language, "page_unsubscribed", "page_unsubscribe")
            note = say(known.subscriber.language, "page_saved")
    lang = known.subscriber.language
    return _page(lang, "", "page_preferences", kind="preferences", note=note, reader=known)


def _subscribe(database: Database, request: Request, now: datetime, *, posted: bool) -> Answer:
    lang = request.language
    if not posted:
        return _page(lang, "", "page_subscribe", kind="subscribe")
    form = request.form
    try:
        hour = form.get("hour", "7")
        asked = wish(
            Channel.MAIL,
            form.get("address", ""),
            query=form.get("query", ""),
            frequency=form.get("frequency", "daily"),
            hour=int(hour) if hour.isascii() and hour.isdecimal() else -1,
            language=form.get("language", lang),
            timezone=form.get("timezone") or "UTC",
        )
    except InputError as error:
        note = say(lang, "page_wrong", reason=error)
        return _page(lang, "", "page_subscribe", kind="subscribe", note=note, status=400)
    join(database, asked, now)
    return _page(lang, "page_asked", "page_subscribe")


def _page(
    lang: str, message: str, heading: str, *, kind: str = "", note: str = "", reader: Reader | None = None,
    status: int = 200,
) -> Answer:  # fmt: skip
    language = lang if lang in PHRASES else "en"
    tell = partial(say, language)
    body = _template().render(
        {
            "_": tell,
            "lang": language,
            "heading": tell(heading),
            "note": note or (tell(message) if message else ""),
            "kind": kind,
            "reader": reader,
            "languages": [("en", "English"), ("es", "Español")],
            "frequencies": [(key, tell(f"frequency_{key}")) for key in ("at-once", "daily", "weekly")],
            "hours": [(str(hour), f"{hour:02}:00") for hour in range(24)],
            "weekdays": [(str(day), name) for day, name in enumerate(tell("weekdays").split(","))],
        }
    )
    return Answer(status=status, body=body)
