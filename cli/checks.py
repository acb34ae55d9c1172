"""What `amparo doctor` looks at of the set-up: settings, Python, libraries, clock."""

import importlib.metadata
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.settings import NO_CONTACT, Settings
from db.health import shown

OK, WARN, FAIL = "ok", "warn", "fail"

FIRST_YEAR = 2025
"""A clock before this year has not been set: this program is younger."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line: what was looked at, how it is (ok, warn, fail), what was seen, what to do."""

    what: str
    state: str
    seen: str
    advice: str = ""


DEFAULTS = {
    "AMPARO_DATABASE_URL": "database_url",
    "AMPARO_DATA_DIR": "data_dir",
    "AMPARO_SOURCES": "extra_sources",
    "AMPARO_CONTACT": "contact",
    "AMPARO_EXTRACTION_PROCESSES": "extraction_processes",
    "AMPARO_EXTRACTION_SECONDS": "extraction_seconds",
    "AMPARO_SMTP_URL": "smtp_url",
    "AMPARO_MAIL_FROM": "mail_from",
    "AMPARO_PUBLIC_URL": "public_url",
    "AMPARO_SECRET_FILE": "secret_file",
}
"""Environment variable -> the field of Settings it fills."""


def check_settings(
    environ: Mapping[str, str], settings: Settings, *, needed: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """Every setting with its value and origin; passwords are not shown.

    `needed` are settings that sources need, each with their ids; their values are not shown either.
    """
    needed = needed or {}
    for variable, field in DEFAULTS.items():
        value = getattr(settings, field)
        said = shown(value) if field == "database_url" else value or "not set"
        if field == "smtp_url" and value:
            # User name and password are not shown.
            said = f"{value.partition('://')[0]}://{value.partition('://')[2].rpartition('@')[2]}"
        if field == "extra_sources":
            said = ":".join(map(str, value)) or "none"
        origin = "from the environment" if environ.get(variable, "").strip() else "the default"
        if field == "contact" and value == NO_CONTACT:
            advice = "Set it to a mail or web address: public sites are not crawled without one."
            yield Finding(what=variable, state=WARN, seen="not set", advice=advice)
            continue
        yield Finding(what=variable, state=OK, seen=f"{said} ({origin})")
    for variable, ids in sorted(needed.items()):
        there = bool(environ.get(variable, "").strip())
        advice = "" if there else f"Without it this source is off: {ids}. Its file says how to come by it."
        yield Finding(what=variable, state=OK, seen="set" if there else "not set", advice=advice)
    for variable in sorted(environ):
        if variable.startswith("AMPARO_") and variable not in DEFAULTS and variable not in needed:
            advice = f"Known are {', '.join(DEFAULTS)}."
            yield Finding(what=variable, state=WARN, seen="no setting has this name", advice=advice)


def check_python() -> Iterator[Finding]:
    """The interpreter and the libraries that this program was installed with."""
    yield Finding(what="Python", state=OK, seen=".".join(map(str, sys.version_info[:3])))
    try:
        required = importlib.metadata.requires("amparo") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            what="libraries",
            state=WARN,
            seen="amparo itself is not installed",
            advice="Run `make demo` or `pip install .` once.",
        )
        return
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in required if "extra ==" not in line]
    missing = [name for name in names if _version(name) is None]
    if missing:
        seen = f"missing: {', '.join(missing)}"
        yield Finding(
            what="libraries",
            state=FAIL,
            seen=seen,
            advice="Install again: `pip install .` in the project's folder.",
        )
        return
    shown_ = ", ".join(f"{name} {_version(name)}" for name in ("scrapy", "sqlalchemy", "trafilatura"))
    yield Finding(what="libraries", state=OK, seen=f"all {len(names)} installed ({shown_}, …)")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_clock(now: datetime, newest_run: datetime | None) -> Finding:
    """Whether the clock can be right: not before this program existed, not before its own runs."""
    seen = f"{now:%Y-%m-%d %H:%M} UTC"
    advice = "Set the clock, by NTP if you can: dates, schedules and certificates depend on it."
    if now.year < FIRST_YEAR:
        return Finding(what="clock", state=FAIL, seen=seen, advice=advice)
    if newest_run and newest_run > now:
        seen += f", but a run began at {newest_run:%Y-%m-%d %H:%M} UTC"
        return Finding(what="clock", state=WARN, seen=seen, advice=advice)
    return Finding(what="clock", state=OK, seen=seen)
