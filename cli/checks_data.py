"""What `amparo doctor` looks at of the data: folder, disk, database, sources, taxonomy, runs, spool."""

import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cli.checks import FAIL, OK, WARN, Finding
from core.errors import AmparoError, SchemaOutdated, TaxonomyError
from core.source import Source
from db.engine import Database
from db.health import engine_of
from db.runs import Run
from db.upgrade import check_schema
from spiders.process import holds

MEGABYTE = 1024 * 1024
FREE_WARN, FREE_FAIL = 2000 * MEGABYTE, 200 * MEGABYTE
"""Free disk space below which some weeks of crawling, or the next crawl, may not fit."""

LATE = 3
"""After so many intervals without a start a source is not being crawled."""


def check_data_dir(folder: Path) -> Iterator[Finding]:
    """Whether the data folder can be written, and the free space where it is."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        advice = "Make it writable, or set AMPARO_DATA_DIR to another folder."
        yield Finding(what="data folder", state=FAIL, seen=f"{there}: {error.strerror}", advice=advice)
        return
    made = "" if there == folder else ", made by the first crawl"
    yield Finding(what="data folder", state=OK, seen=f"{folder} can be written{made}")
    free = shutil.disk_usage(there).free
    state = FAIL if free < FREE_FAIL else WARN if free < FREE_WARN else OK
    advice = "" if state == OK else "Free some space, or move AMPARO_DATA_DIR to a larger disk."
    yield Finding(what="free disk space", state=state, seen=f"{free // MEGABYTE:,} MB", advice=advice)


def check_database(database: Database) -> Iterator[Finding]:
    """Whether the database answers, can search, and has the schema of this version."""
    try:
        engine = engine_of(database)
    except AmparoError as error:
        advice = "Start the server, or correct AMPARO_DATABASE_URL."
        yield Finding(what="database", state=FAIL, seen=str(error), advice=advice)
        return
    yield Finding(what="database", state=OK, seen=f"{engine.name} {engine.version}")
    if not engine.full_text:
        advice = "Use a Python whose SQLite has FTS5, or PostgreSQL."
        yield Finding(what="full-text search", state=FAIL, seen="SQLite without FTS5", advice=advice)
    try:
        check_schema(database)
    except SchemaOutdated as error:
        advice = "`amparo db upgrade` makes it; a crawl does so by itself."
        yield Finding(what="schema", state=WARN, seen=str(error), advice=advice)
    except AmparoError as error:
        advice = "Look at the database file or its server; restore a copy if it is damaged."
        yield Finding(what="schema", state=FAIL, seen=str(error), advice=advice)
    else:
        yield Finding(what="schema", state=OK, seen="is the one this version needs")


def check_sources(sources: Mapping[str, Source], problems: Sequence[object]) -> Iterator[Finding]:
    """Whether every source file can be used, and how many sources are on."""
    for problem in problems:
        advice = "Correct the file; no crawl starts before. `amparo sources check` repeats this."
        yield Finding(what="source file", state=FAIL, seen=str(problem), advice=advice)
    on = sum(source.enabled for source in sources.values())
    state = OK if on else WARN
    advice = "" if on else "Say `enabled: true` in a source file: nothing is crawled now."
    yield Finding(what="sources", state=state, seen=f"{len(sources)}, of which {on} are on", advice=advice)


def check_taxonomy() -> Finding:
    """Whether the taxonomy loads."""
    from taxonomy.loader import load_taxonomy

    try:
        taxonomy = load_taxonomy()
    except TaxonomyError as error:
        advice = "Correct the file under taxonomy/, or install again."
        return Finding(what="taxonomy", state=FAIL, seen=str(error), advice=advice)
    return Finding(what="taxonomy", state=OK, seen=f"version {taxonomy.version[:12]}")


def check_runs(
    sources: Sequence[Source], latest: Mapping[str, Run], unfinished: Sequence[Run], now: datetime
) -> Iterator[Finding]:
    """Runs that nobody holds any more, and the last run of every source that is on."""
    for run in unfinished:
        if run.host in (None, platform.node()) and not holds(run.pid, run.started_at):
            seen = f"{run.source_id}: run {run.id} says it is running, but process {run.pid} is gone"
            advice = "The next crawl or the scheduler closes it and starts the source again."
            yield Finding(what="stale run", state=WARN, seen=seen, advice=advice)
    never = [source.id for source in sources if source.id not in latest]
    if never:
        seen = f"{len(never)} sources have never been crawled: {_some(never)}"
        advice = "`amparo crawl` crawls them now, `amparo schedule` from now on."
        yield Finding(what="last runs", state=WARN, seen=seen, advice=advice)
    for source in sources:
        if source.id in latest:
            yield check_last_run(source, latest[source.id], now)


def check_last_run(source: Source, run: Run, now: datetime) -> Finding:
    """How the last run of one source went, and whether the next one is late."""
    what, listed = f"last run of {source.id}", run.counts.get("listed", 0)
    seen = f"{run.status} on {run.started_at:%Y-%m-%d %H:%M} UTC, "
    seen += f"listed {listed}, new {run.counts.get('new', 0)}"
    if run.reason:
        seen += f"; {run.reason}"
    if run.status == "failed":
        advice = f"`amparo crawl -v {source.id}` shows what happens."
        return Finding(what=what, state=WARN, seen=seen, advice=advice)
    if now - run.started_at > LATE * timedelta(minutes=source.schedule.every_minutes):
        advice = f"It is due every {source.schedule.every_minutes} minutes: is `amparo schedule` running?"
        return Finding(what=what, state=WARN, seen=seen, advice=advice)
    return Finding(what=what, state=OK, seen=seen)


def check_spool(folder: Path) -> Iterator[Finding]:
    """Items that wait because the database was down, and spool files that cannot be read."""
    from pipeline.spool import DAMAGED, waiting

    files = waiting(folder)
    if files:
        seen = f"{len(files)} files wait in {folder}"
        yield Finding(what="spool", state=WARN, seen=seen, advice="The next crawl stores what is in them.")
    damaged = sorted(folder.glob(f"*{DAMAGED}")) if folder.is_dir() else []
    if damaged:
        seen = f"unreadable records in {_some([file.name for file in damaged])}"
        advice = f"Keep the files under {folder} for a maintainer: they hold pages that were not stored."
        yield Finding(what="spool", state=WARN, seen=seen, advice=advice)
    if not files and not damaged:
        yield Finding(what="spool", state=OK, seen="empty")


def _some(names: Sequence[str], most: int = 5) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
