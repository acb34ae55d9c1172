"""A digest as people read it: subject, HTML and plain text, in the reader's language.

Everything that came from a report is text and is escaped; no markup of a report is ever used.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from alerts.digest import Absent, Change, Digest, Item, SourceGap, Story
from alerts.figures import cut
from alerts.masking import BLANK
from alerts.phrases import PHRASES, claimed_date, long_date, many, moment, moment_in_zone, say

FULL = 25
"""Stories told in full; those after them are a line each."""

NAMED = 6
"""Outlets named beside an original; the others are counted."""

SEEN = 60
"""Characters of a sentence that tell whether the excerpt shows it already."""

WIDTH = 72

Labels = Mapping[str, Mapping[str, str]]
"""Tag id -> language -> label, from the taxonomy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Where a reader goes to leave or to change a digest; empty in a preview."""

    unsubscribe: str = ""
    preferences: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """One mail's subject and two bodies."""

    subject: str
    html: str
    text: str


@cache
def _environment(*, html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=html,  # noqa: S701 - text/plain has nothing to escape into
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= FILTERS
    return environment


def render(digest: Digest, language: str, labels: Labels, links: Links) -> Rendered:
    """The digest as a mail in English or Spanish."""
    lang = language if language in PHRASES else "en"
    values = _values(digest, lang) | {"links": links, "labels": labels}
    values["preheader"] = _preheader(digest, values["covered"])
    html = _environment(html=True).get_template("digest.html.j2").render(values)
    text = _environment(html=False).get_template("digest.txt.j2").render(values)
    return Rendered(subject=values["subject"], html=html, text=text.strip() + "\n")


def subject(digest: Digest, lang: str) -> str:
    """What an inbox shows: what came, then which digest it is."""
    told = []
    if digest.stories:
        told.append(many(lang, "subject_new", len(digest.stories)))
    if digest.changes:
        told.append(many(lang, "subject_changes", len(digest.changes)))
    what = ", ".join(told) or say(lang, "subject_quiet")
    part = f" ({say(lang, 'part', part=digest.part, parts=digest.parts)})" if digest.parts > 1 else ""
    return f"{cut(digest.name, 80)}: {what}{part}"


def _values(digest: Digest, lang: str) -> dict[str, Any]:
    zone = digest.timezone
    fresh = [story for story in digest.stories if not story.known]
    summary = subject(digest, lang).removeprefix(f"{cut(digest.name, 80)}: ")
    if digest.since:
        since = say(lang, "since", when=moment(lang, digest.since, zone))
        summary = f"{summary} · {since}" if not digest.is_empty else since
    return {
        "_": partial(say, lang),
        "lang": lang,
        "zone": zone,
        "digest": digest,
        "subject": subject(digest, lang),
        "frequency": say(lang, f"frequency_{digest.frequency}"),
        "part": say(lang, "part", part=digest.part, parts=digest.parts),
        "when": moment_in_zone(lang, digest.until, zone),
        "summary": summary,
        "covered": _covered(digest, lang),
        "gaps": _gap_count(digest) > 0 or digest.coverage.total == 0,
        "gap_groups": _gap_groups(digest, lang),
        "between": _between(digest, lang),
        "full": fresh[:FULL],
        "brief": fresh[FULL:],
        "again": [story for story in digest.stories if story.known],
        "masked": say(lang, "masked", blank=BLANK),
        "kept": lambda change: _kept(change, lang, zone),
    }


def _gap_count(digest: Digest) -> int:
    return digest.coverage.total - len(digest.coverage.checked)


def _covered(digest: Digest, lang: str) -> str:
    """The coverage statement in two sentences, at the top of every digest."""
    total, gaps = digest.coverage.total, _gap_count(digest)
    if not total:
        return say(lang, "covered_none")
    checked = say(lang, "covered", checked=total - gaps, total=total)
    if not gaps:
        return checked
    return f"{checked} {many(lang, 'covered_gaps', gaps)} {say(lang, 'details_below')}"


def _gap_groups(digest: Digest, lang: str) -> list[tuple[str, str, Sequence[SourceGap]]]:
    groups = (
        ("failed", digest.coverage.failed),
        ("not_checked", digest.coverage.not_checked),
        ("partly", digest.coverage.partly),
    )
    return [(key, say(lang, key), gaps) for key, gaps in groups if gaps]


def _between(digest: Digest, lang: str) -> str:
    zone = digest.timezone
    if digest.since is None:
        return moment(lang, digest.until, zone)
    return say(
        lang,
        "coverage_since",
        since=moment(lang, digest.since, zone),
        until=moment(lang, digest.until, zone),
    )


def _kept(change: Change, lang: str, zone: str) -> str:
    return say(lang, "removed_kept", date=long_date(lang, change.kept_at or change.item.seen, zone))


def _preheader(digest: Digest, covered: str) -> str:
    """What an inbox shows beside the subject."""
    titles = [change.item.title for change in digest.changes] + [s.item.title for s in digest.stories]
    return cut(" · ".join(titles[:2]) or covered, 140)


def web(url: str) -> str:
    """The address if it is one of the web, otherwise nothing a click could run."""
    return url if url.startswith(("https://", "http://")) and not url.isspace() else "about:blank"


def wrap(text: str, indent: str = "") -> str:
    """Text in lines of 72 characters; addresses are never broken. Markup of ours never passes here."""
    flat = " ".join(str(text).split())
    return "\n".join(
        textwrap.wrap(
            flat,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


@pass_context
def _dated(context: Context, item: Item) -> str:
    lang = context["lang"]
    if item.published:
        return claimed_date(lang, item.published)
    found = say(lang, "found", date=long_date(lang, item.seen, context["zone"]))
    return f"{say(lang, 'undated')}, {found}"


@pass_context
def _foreign(context: Context, item: Item) -> str:
    """The language of a report, when it is not the reader's."""
    lang = context["lang"]
    spoken = (item.language or lang)[:2]
    if spoken == lang:
        return ""
    return say(lang, "written_in", language=PHRASES[lang].get(f"language_{spoken}", spoken))


@pass_context
def _labels(context: Context, tags: Sequence[str]) -> str:
    labels: Labels = context["labels"]
    # A place and a topic may share a name.
    named = dict.fromkeys(labels.get(tag, {}).get(context["lang"], tag) for tag in tags)
    return " · ".join(named)


def _claims(item: Item) -> list[str]:
    """The figures that the excerpt does not already show."""
    return [figure for figure in item.figures if figure[:SEEN] not in item.excerpt]


def _outlets(story: Story, count: int, lang: str) -> str:
    """The names of the first outlets, and how many of `count` are not named."""
    names = list(dict.fromkeys(echo.source for echo in story.echoes))[:NAMED]
    more = [say(lang, "and_more", n=count - len(names))] if count > len(names) else []
    return " ".join([", ".join(names), *more])


@pass_context
def _echoed(context: Context, story: Story) -> str:
    lang = context["lang"]
    counted = many(lang, "echoes", story.outlets)
    return f"{counted}: {_outlets(story, story.outlets, lang)}" if story.echoes else counted


@pass_context
def _echo_count(context: Context, story: Story) -> str:
    return many(context["lang"], "echoes", story.outlets)


@pass_context
def _again_by(context: Context, story: Story) -> str:
    lang = context["lang"]
    count = len({echo.source for echo in story.echoes})
    return say(lang, "again_by", outlets=_outlets(story, count, lang))


@pass_context
def _absent(context: Context, one: Absent) -> str:
    lang = context["lang"]
    if one.what == "quiet" and one.since:
        return say(lang, "absent_quiet", date=long_date(lang, one.since, context["zone"]), days=one.days)
    return say(lang, "absent_document", what=one.what)


@pass_context
def _since(context: Context, gap: SourceGap, group: str) -> str:
    """Since when nothing, or not everything, is known of a source, and why."""
    lang, partly = context["lang"], group == "partly"
    if gap.since is None:
        known = say(lang, "never_whole" if partly else "never")
    else:
        date = moment(lang, gap.since, context["zone"])
        known = say(lang, "whole_at" if partly else "known_to", date=date)
    return f"{known} ({cut(gap.reason, 120)})" if gap.reason else known


def _host(url: str) -> str:
    return cut(urlsplit(url).hostname or "", 60)


def _short(title: str) -> str:
    return cut(title, 110)


FILTERS: Mapping[str, Any] = {
    "web": web,
    "host": _host,
    "dated": _dated,
    "foreign": _foreign,
    "labels": _labels,
    "claims": _claims,
    "echoed": _echoed,
    "echo_count": _echo_count,
    "again_by": _again_by,
    "absent": _absent,
    "since": _since,
    "short": _short,
    "wrap": wrap,
}
