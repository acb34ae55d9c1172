"""The kinds of value a source file holds, each with a message that says what to write instead."""

import difflib
import re
import string
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from parsel.csstranslator import HTMLTranslator
from pydantic import AfterValidator, BeforeValidator

DAY_PLACEHOLDERS = ("year", "month", "day", "hour", "term")
API_FIELDS = ("url", "title", "text", "summary", "date", "modified", "authors", "id", "language")
RESERVED_HEADERS = ("user-agent", "cookie", "host", "content-length", "if-none-match", "if-modified-since")


SPIDER_KINDS = {"ice-detention-statistics": "listing"}
"""The spiders that read more than their kind does, and that kind (spiders/kinds.py has them)."""


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """` Did you mean …?` when one of the known words is close, else nothing."""
    lowered = {word.lower(): word for word in known}
    close = difflib.get_close_matches(written.lower(), list(lowered), n=1, cutoff=0.6)
    return f" Did you mean `{lowered[close[0]]}`?" if close else ""


def one_of(*allowed: str) -> BeforeValidator:
    """Text that must be one of a few words."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in allowed:
            words = ", ".join(allowed)
            raise ValueError(f"expected one of {words}, got {value!r}.{did_you_mean(str(value), allowed)}")
        return value

    return BeforeValidator(check)


def member(kind: type[StrEnum]) -> BeforeValidator:
    """Text that names a member of an enumeration."""
    words = one_of(*(str(one) for one in kind))

    def convert(value: Any) -> Any:
        checked: Callable[[Any], Any] = words.func  # type: ignore[assignment]
        return kind(checked(value))

    return BeforeValidator(convert)


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"not a web address ({error})") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"expected an address that begins with http:// or https://, got {value!r}")
    if not host or re.search(r"\s", value):
        raise ValueError(f"expected a full web address like https://example.org/feed, got {value!r}")
    if parts.username or parts.password:
        raise ValueError("an address in a source file must not hold a user name or password")
    return value


def _index_address(value: str) -> str:
    _address(value)
    names = re.findall(r"\{([^{}]*)\}", value)
    for name in names:
        if name not in DAY_PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in DAY_PLACEHOLDERS)
            raise ValueError(f"{{{name}}} is not known here; known are {known}")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value)
    except Exception as error:  # cssselect raises several unrelated classes
        raise ValueError(f"not a CSS selector: {error}") from None
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        close = did_you_mean(value, available_timezones())
        raise ValueError(
            f"unknown time zone {value!r}; write one like America/El_Salvador or UTC.{close}"
        ) from None
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}|INT", value):
        raise ValueError(f"expected a country code of two capitals (SV, US) or INT, got {value!r}")
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError(f"expected a language code of two small letters (es, en), got {value!r}")
    return value


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 60:
        raise ValueError(f"expected small letters, figures and single hyphens (el-faro), got {value!r}")
    return value


def _dotted(value: str) -> str:
    if value != "." and not re.fullmatch(r"[^.\s]+(\.[^.\s]+)*", value):
        raise ValueError(f"expected a dotted path like data.items or files.0.url, got {value!r}")
    return value


def _template(value: str) -> str:
    _address(value)
    names = [name for _, name, _, _ in string.Formatter().parse(value) if name is not None]
    for name in names:
        if name not in API_FIELDS or name == "url":
            raise ValueError(
                f"{{{name}}} is not one of the fields that can be filled in: id, title, language…"
            )
    if not names:
        raise ValueError("expected an address with a field in braces, like https://example.org/doc/{id}")
    return value


def as_list(value: Any) -> Any:
    """One word stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _parameters(value: dict[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """Query parameters: text or number, or a list of them for a name that is repeated."""
    checked: dict[str, str | tuple[str, ...]] = {}
    for name, given in value.items():
        many = given if isinstance(given, list) else [given]
        for one in many:
            if isinstance(one, bool) or not isinstance(one, str | int | float):
                raise ValueError(f"{name}: expected text, a number or a list of them; put {one!r} in quotes")
        checked[name] = tuple(str(one) for one in many) if isinstance(given, list) else str(given)
    return checked


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, content in value.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or re.search(r"[\r\n]", content):
            raise ValueError(f"{name!r} cannot be a request header")
        if name.lower() in RESERVED_HEADERS:
            raise ValueError(f"the header {name} is set by Amparo and cannot be changed here")
    return value


def _setting(value: str) -> str:
    if not re.fullmatch(r"AMPARO_[A-Z0-9_]+", value):
        raise ValueError(f"expected an environment variable like AMPARO_EXAMPLE_KEY, got {value!r}")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("expected some text, got nothing")
    return value


Text = Annotated[str, AfterValidator(_text)]
Address = Annotated[str, AfterValidator(_address)]
IndexAddress = Annotated[str, AfterValidator(_index_address)]
Template = Annotated[str, AfterValidator(_template)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, AfterValidator(_selector)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Identifier = Annotated[str, AfterValidator(_identifier)]
Setting = Annotated[str, AfterValidator(_setting)]
Dotted = Annotated[str, AfterValidator(_dotted)]
Parameters = Annotated[dict[str, Any], AfterValidator(_parameters)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
