"""`amparo doctor`: say what is configured and what would not work."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.context import emit, settings
from core.errors import SettingsError

if TYPE_CHECKING:
    from cli.checks import Finding
    from core.settings import Settings


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: what, state, seen, advice.")
def command(as_json: bool) -> None:
    """Say what is configured and what would not work, with what to do about each.

    Looks only at this machine and the configured database. Exit status: 1 when something has to be
    repaired (fail), 0 otherwise; a warning (warn) is for you to judge.
    """
    from cli.checks import FAIL, WARN

    counted = {FAIL: 0, WARN: 0}
    for finding in findings():
        counted[finding.state] = counted.get(finding.state, 0) + 1
        if as_json:
            emit(asdict(finding))
        else:
            _show(finding)
    if not as_json:
        click.echo(f"\n{counted[FAIL]} to repair, {counted[WARN]} to look at.")
    raise SystemExit(1 if counted[FAIL] else 0)


def _show(finding: "Finding") -> None:
    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[finding.state]
    click.echo(f"{click.style(f'{finding.state:<4}', fg=colour)}  {finding.what}: {finding.seen}")
    if finding.advice:
        click.echo(f"      {finding.advice}")


def findings() -> "Iterator[Finding]":
    """Every check in order; one that fails does not keep the next ones from being made."""
    from cli.checks import FAIL, Finding, check_clock, check_python, check_settings
    from cli.checks_data import check_data_dir, check_taxonomy

    yield from check_python()
    try:
        configured = settings()
    except SettingsError as error:
        advice = "Correct the environment; the checks that need the settings were left out."
        yield Finding(what="settings", state=FAIL, seen=str(error), advice=advice)
        yield check_clock(datetime.now(UTC), None)
        yield check_taxonomy()
        return
    yield from check_settings(os.environ, configured, needed=_needed(configured))
    yield from check_data_dir(configured.data_dir)
    yield check_taxonomy()
    yield from _stored(configured)


def _needed(configured: "Settings") -> dict[str, str]:
    """The settings that sources need, each with the ids of those sources."""
    from sources.catalogue import check_catalogue

    needed: dict[str, list[str]] = {}
    for source in check_catalogue(configured.extra_sources)[0].values():
        if source.needs:
            needed.setdefault(source.needs, []).append(source.id)
    return {setting: ", ".join(sorted(ids)) for setting, ids in needed.items()}


def _stored(configured: "Settings") -> "Iterator[Finding]":
    """The checks of the sources and of what the database knows of them."""
    from cli.checks import FAIL, Finding, check_clock
    from cli.checks_data import check_database, check_runs, check_sources, check_spool
    from db.engine import open_database
    from db.runs import RunStore
    from sources.catalogue import check_catalogue
    from sources.needs import supply

    now = datetime.now(UTC)
    read, problems = check_catalogue(configured.extra_sources)
    sources = {id_: supply(source, configured.given) for id_, source in read.items()}
    yield from check_sources(sources, problems)
    try:
        database = open_database(configured.database_url)
    except Exception as error:
        # An address that no driver understands; the rest is worth knowing all the same.
        advice = "Correct AMPARO_DATABASE_URL: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        yield Finding(what="database", state=FAIL, seen=f"{type(error).__name__}: {error}", advice=advice)
        yield check_clock(now, None)
        return
    try:
        states = []
        for finding in check_database(database):
            states.append(finding.state)
            yield finding
        latest, unfinished = {}, []
        if set(states) == {"ok"}:
            with database.read() as connection:
                runs = RunStore(connection)
                latest, unfinished = runs.latest(), runs.unfinished()
        newest = max((run.started_at for run in latest.values()), default=None)
        yield check_clock(now, newest)
        if FAIL not in states:
            enabled = [source for source in sources.values() if source.enabled]
            yield from check_runs(enabled, latest, unfinished, now)
    finally:
        database.close()
    yield from check_spool(configured.data_dir / "spool")
