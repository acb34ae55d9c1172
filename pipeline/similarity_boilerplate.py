"""Lines that a publisher puts around a text it reprints: bylines, datelines, links, update stamps.

Used by `fingerprint` only. They are left out of the comparison, so that two reprints with other
bylines are one text, and a new "Updated" date is no new fact.
"""

import re
from functools import cache
from typing import Final

from ahocorasick_rs import AhoCorasick

from core.text import fold
from pipeline.similarity_lexicon import COUNTRIES, GENERIC, MONTHS, NUMBERS, WEEKDAYS

_LONGEST: Final = 320
_LONGEST_TITLE: Final = 600
_DATELINE_ROOM: Final = 120
"""Characters looked at, so that no made-up line takes long."""
_HINTS: Final = (
    *("updated", "published", "posted", "modified", "actualiza", "publicad", "publicaci", "read "),
    *("related", "see also", "more from", "recommended", "lea ", "lee ", "leer ", "puede interesar"),
    *("ver también", "relacionad", "más noticias", "subscri", "suscr", "sign up", "follow us", "síg"),
    *("únete", "newsletter", "boletín", "donat", "apoya ", "support ", "recib", "©", "(c)", "copyright"),
    *("rights reserved", "derechos reservados", "reporting ", "edited by", "editing by", "written by"),
    *("edición de", "this story", "this article", "this post", "esta nota", "este artículo"),
    *("contributed to this", "con información", "advertisement", "publicidad", "anuncio", "comparte"),
    *("share this", "whatsapp", "sigue leyendo", "continue reading", "click here", "haga clic", "haz clic"),
    *("appeared first", "join our", "get the latest", "download our", "don't miss", "originally"),
)
"""Lower-case pieces: a line without any has no sentence that `_NOISE` or `_STAMP` finds."""

_MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DATE = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}\s+(?:de\s+)?{_MONTH}(?:,?\s+(?:del?\s+)?\d{{4}})?"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d)"
)
_TIME = r"\d{1,2}(?:[:.]\d\d){0,2}\s?(?:[ap]m\b|h\b|hrs\b|horas\b)?(?:\s?(?:[ecmp][sd]?t|utc|gmt)\b)?"
_STAMP = re.compile(
    r"""(?:last\ |first\ |originally\ |última\ |fecha\ de\ )?
    (?:updated?|published|posted|modified|actualizad[oa]|actualización|publicad[oa]|publicación)
    (?:\s+(?:on|at|el|en))?\s*:?\s*(?:\w+day,?\s+)?"""
    + _DATE.replace(" ", r"\ ")
    + r"(?:[,·|]?\s*(?:at\s+|a\s+las\s+|-\s*)?(?:"
    + _TIME
    + r"))?[.,;|·\s]*",
    re.I | re.X,
)
_NOISE = re.compile(
    r"""(?:
      (?:read(?:\ (?:more|also|next|this))?|related(?:\ (?:stories|articles|coverage|story|article))?
        |see\ also|more\ from[\w ]*|recommended
        |lea(?:\ (?:también|además|más))?|leer\ (?:más|también)
        |lee\ (?:también|más|además)|(?:también\ )?te\ puede\ interesar|le\ puede\ interesar|ver\ también
        |notas?\ relacionadas?|noticias\ relacionadas|más\ noticias|sigue\ leyendo|continue\ reading
        |advertisement|publicidad|anuncio|don't\ miss)\s*[:>»-]
     |(?:read|related|lea|lee|leer|más|te\ puede|le\ puede|recommended|advertisement|publicidad|anuncio
        |continue|sigue|see|ver)
        (?:\ (?:more|also|next|stories|articles|también|además|más|noticias|interesar|leyendo|reading
        |relacionadas?))*\s*$
     |(?:please\ )?(?:subscribe|sign\ up|suscr[ií]b\w*|follow\ us|s[ií]g[aue]\w*\ (?:en|a)\b
        |únete\ a|join\ our
        |get\ the\ latest|receive\ our
        |recib[ae]\ (?:nuestr|las|todas)|share\ this|comparte\ est|click\ here
        |ha[gz]a?\ clic|make\ a\ donation|donate\b|support\ (?:our|independent)
        |apoya\ (?:nuestro|el\ periodismo)
        |download\ our|descarga\ nuestra)
     |(?:©|\(c\)|copyright|all\ rights\ reserved|todos\ los\ derechos\ reservados)
     |(?:additional\ )?reporting\ (?:by|from)|(?:edited|editing|written)\ by|edición\ de
     |\(?con\ información\ de
     |this\ (?:story|article|post|piece)\ (?:(?:was|is|has\ been)\ )?(?:first\ |originally\ )?
        (?:published|appeared|updated|produced|republished|part)
     |est[ea]\ (?:nota|artículo|noticia|texto)\ (?:fue|se|es)\ (?:publicad|publicó|originalmente)
     |the\ post\ .*\ appeared\ first|[\w. ]{3,60}\ contributed\ to\ this\ (?:report|story)
    )""",
    re.I | re.X,
)
_BYLINE = re.compile(
    r"(?:[Bb][Yy]|[Pp][Oo][Rr]|Text:|Texto:|Redacción|Staff|Foto:|Photo:)"
    r"(?:[ :|/,.]+(?:[A-ZÁÉÍÓÚÑ]\S*|de|del|la|and|y|&|\|)){1,9}\s*"
)
_DATELINE = re.compile(
    r"""(?:
      (?:[A-ZÁÉÍÓÚÜÑ]{3,}|[A-Z]{2}\.?\ )[A-ZÁÉÍÓÚÜÑ'’. -]*(?:,\ [^—–\n(:]{1,40}?)?\s*(?:\([^)\n]{2,40}\))?
     |(?:[A-ZÁÉÍÓÚÑ][^\n()—–]{2,50}\s)?\((?:[A-Z]{2,8}|Reuters|Xinhua|[A-Z]+-[A-Z]+|Europa\ Press)\)
    )\s*[.:]?\s*(?:—|–|--|-)\s*""",
    re.X,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“«¿¡©(A-ZÁÉÍÓÚÑ])")
_ZONES = {"de", "del", "at", "am", "pm", "et", "est", "edt", "utc", "gmt", "a", "las", "h", "hrs"}
_DATE_WORDS = {*MONTHS, *WEEKDAYS, *_ZONES}
_WORD = re.compile(r"\w+")


@cache
def _hints() -> AhoCorasick:
    return AhoCorasick(_HINTS)


def drop_boilerplate(cleaned: str) -> str:
    """The text without such lines; the very same object when there are none."""
    hints = _hints()
    lines = cleaned.split("\n")
    kept = []
    listing = False
    for number, line in enumerate(lines):
        text = line.strip()
        listing = listing and _is_link(text)
        if listing or _is_label(text, number, len(lines)):
            continue
        dateline = _DATELINE.match(text[:_DATELINE_ROOM]) if number < 6 else None
        text = text[dateline.end() :] if dateline else line
        if hints.find_matches_as_indexes(text.lower()):
            rest = _without_noise(text)
            listing = bool(text.strip()) and not rest.strip()
            text = rest
        kept.append(text)
    shorter = "\n".join(kept)
    return cleaned if shorter == cleaned else shorter


def _is_link(line: str) -> bool:
    """Whether a line below a "Related stories" reads like one more headline, not like prose."""
    return len(line) <= 120 and line[-1:] not in tuple('.!?:;,"”')


def _without_noise(line: str) -> str:
    """A line without the sentences that only lead readers elsewhere or say when it was updated."""
    stripped = line.strip()
    if len(stripped) <= _LONGEST and _NOISE.match(stripped):
        return ""
    sentences = _SENTENCE.split(line)
    kept = []
    for sentence in sentences:
        stamp = _STAMP.match(sentence[:_DATELINE_ROOM]) if sentence[:1].isupper() else None
        rest = sentence[stamp.end() :] if stamp else sentence
        if len(rest) > _LONGEST or not _NOISE.match(rest):
            kept.append(rest)
    return line if kept == sentences else " ".join(kept)


def _is_label(line: str, number: int, lines: int) -> bool:
    """Whether a short line is a byline, a bare date or the author's name at either end."""
    if not line or len(line) > 90 or (line[-1] in ".!?" and line[-3:].isalpha()):
        return False
    if _BYLINE.fullmatch(line) and line[-1] not in ".!?":
        return True
    written = _WORD.findall(line)
    if len(written) > 12:
        return False
    words = [fold(word) for word in written]
    figures = [word for word in words if word.isdigit()]
    if figures and all(word.isdigit() or word in _DATE_WORDS for word in words):
        return len(figures) >= 3 or (len(figures) == 2 and any(word in MONTHS for word in words))
    at_edge = lines >= 3 and (number < 3 or number >= lines - 2)
    return at_edge and 1 < len(words) <= 5 and line[-1] not in ".!?:" and _only_names(written, words)


def _only_names(written: list[str], words: list[str]) -> bool:
    """Whether the words read like an author's name and like no place, office or heading."""
    return all(word[0].isupper() and not word.isupper() for word in written) and not any(
        word in COUNTRIES or word in GENERIC or word in MONTHS for word in words
    )


_PREFIX = re.compile(
    r"(?:UPDATE|WRAPUP|CORRECTED|EXCLUSIVE|BREAKING|VIDEO|FOTOS?|EN VIVO|LIVE)\b[ \d]*[-:|–—]\s*", re.I
)
_SITE = re.compile(r"\s+[|·]\s+[^|·]*$|\s+(?:-|–|—|::)\s+[^-–—:]{2,40}$")


def drop_site_name(title: str) -> str:
    """A title without the publisher's name behind it (`… | El Faro`) or a wire's label before it.

    What remains must still be a headline, and what goes must not be its subject: a figure, a
    month, or nothing but a country (`Termination of the designation - Honduras`).
    """
    title = title[:_LONGEST_TITLE].strip()
    label = _PREFIX.match(title)
    title = title[label.end() :] if label else title
    site = _SITE.search(title)
    if site is None or len(_WORD.findall(title[: site.start()])) < 4:
        return title
    words = [fold(word) for word in _WORD.findall(site[0])]
    telling = all(word in COUNTRIES or word in ("el", "la", "los") for word in words)
    figures = any(word[0].isdigit() or word in MONTHS or word in NUMBERS for word in words)
    return title if telling or figures or len(words) > 5 else title[: site.start()]
