"""The phrases of an entry as read from YAML: term lists, acronyms, patterns, pairs, exclusions."""

import re
from collections.abc import Mapping
from typing import Any

from taxonomy.model import Cancel, Near, Phrases
from taxonomy.reading import Fields, Place

Lists = Mapping[str, tuple[str, ...]]


def expand(terms: tuple[str, ...], lists: Lists, place: Place) -> tuple[str, ...]:
    """Terms with every `@name` replaced by the words of that list."""
    found: dict[str, None] = {}
    for term in terms:
        if not term.startswith("@"):
            found[term] = None
            continue
        if term[1:] not in lists:
            raise place.complain(f"no word list named {term}")
        found.update(dict.fromkeys(lists[term[1:]]))
    return tuple(found)


def read_near(value: Any, lists: Lists, place: Place) -> Near:
    """One pair (or longer chain) of words in a sentence."""
    fields = Fields.of(value, place)
    parts = []
    for part in fields.entries("parts"):
        terms = (part,) if isinstance(part, str) else part
        if not isinstance(terms, list | tuple) or not all(isinstance(term, str) for term in terms):
            raise place.at("parts").complain("each part is a list of terms or one @list")
        parts.append(expand(tuple(terms), lists, place.at("parts")))
    if len(parts) < 2:
        raise place.at("parts").complain("expected two or more parts")
    order = fields.text("order") or "fixed"
    if order not in ("fixed", "free"):
        raise place.at("order").complain("expected fixed or free")
    near = Near(parts=tuple(parts), within=fields.number("within", 60), ordered=order == "fixed")
    fields.finish()
    return near


def read_phrases(fields: Fields, lists: Lists) -> Phrases:
    """The phrases in a mapping with the keys en, es, people, acronyms, patterns, near."""
    terms: tuple[str, ...] = ()
    for key in ("en", "es", "people"):
        terms += expand(fields.texts(key), lists, fields.place.at(key))
    patterns = fields.texts("patterns")
    for pattern in patterns:
        try:
            re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise fields.place.at("patterns").complain(f"{pattern!r}: {error}") from None
    near = tuple(read_near(item, lists, fields.place.at("near")) for item in fields.entries("near"))
    return Phrases(
        terms=tuple(dict.fromkeys(terms)), acronyms=fields.texts("acronyms"), patterns=patterns, near=near
    )


def read_cancel(value: Any, lists: Lists, place: Place) -> Cancel:
    """One exclude_near rule."""
    fields = Fields.of(value, place)
    cancel = Cancel(
        terms=expand(fields.texts("terms"), lists, place.at("terms")),
        window=fields.number("window", 60),
        hits=expand(fields.texts("hits"), lists, place.at("hits")),
        unless=fields.text("unless") or None,
        instead=fields.text("instead") or None,
    )
    if not cancel.terms:
        raise place.at("terms").complain("expected terms")
    fields.finish()
    return cancel
