"""How fast reports are processed and stored after extraction, where the time goes, and the memory.

    python bench/pipeline_speed.py [--reports 4000] [--memory 10000]

Reports are invented: 500 words of Spanish or English, half of them on the subject, 5 % of them
trimmed or padded copies of earlier ones. Everything runs in one process; compare ratios, not
numbers of different machines.
"""

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, registry

from core.report import RawReport, Report
from core.source import FeedParams, Kind, PublisherType, Source
from db import tables
from db.engine import Database, open_database
from db.stores import Stores
from db.upgrade import upgrade
from db.visits import Visit
from pipeline.intake import commit_batch
from pipeline.items import Received, ReportItem
from pipeline.process import STEPS, Rules, load_rules

BATCH = 100
WRITTEN = tuple(
    tables.metadata.tables[name]
    for name in (
        "report",
        "report_version",
        "report_tag",
        "report_sighting",
        "capture",
        "fingerprint",
        "sketch",
        "event",
    )
)
"""Every table that storing a report writes, but `visit`, which has one row of a few bytes."""

PRAGMAS = ("foreign_keys = ON", "synchronous = FULL", "cache_size = -65536", "wal_autocheckpoint = 4000")
START = datetime(2026, 1, 1, tzinfo=UTC)


def words(written: str) -> tuple[str, ...]:
    """The words of a text; an underscore holds words together."""
    return tuple(written.split())


SPANISH = words(
    "de la el y en los que a las del por para con sin sobre entre desde hasta un una se no lo su más "
    "como pero sus le ya o este sí porque esta cuando muy también fue había era dijo según año "
    "semana lunes casa trabajo noche mañana nadie camino mercado escuela salud agua comida ciudad "
    "calle tiempo mundo vida parte lugar forma caso mano punto país señor obra madre padre hijo "
    "grupo empresa precio equipo partido jugador música libro película lluvia verano río playa "
    "carretera banco dinero venta compra millones proyecto plan estudio universidad alumno maestro "
    "hospital médico niño mujer hombre joven historia cultura fiesta viaje "
)
ENGLISH = words(
    "the of and to a in that for with without on by from which is was it as be this are at or an "
    "they have had but not his her their one all would there what so up out if about who get when "
    "can like time no just him know take people into year your good some could them see other than "
    "then now look only come over think also back after use two how our work first well way even new "
    "want because any these give day most us school house market road water food city price team "
    "player game music book film rain summer river beach bank money sale project plan study "
    "university student teacher hospital doctor child woman man history culture travel "
)
SPANISH_FIELD = words(
    "régimen_de_excepción detenidos familias_de_detenidos audiencia penal_de_Mariona CECOT pandillas "
    "capturas habeas_corpus tortura muertes_bajo_custodia deportados vuelo_de_deportación "
    "venezolanos acuerdo_de_tercer_país_seguro prórroga menores_detenidos Cristosal fiscalía "
    "derechos_humanos "
)
ENGLISH_FIELD = words(
    "state_of_exception deportation_flight removal_order ICE detention_facility asylum_seekers "
    "Venezuelan Salvadoran_prison lawyers Supreme_Court Alien_Enemies_Act third_country_agreement "
    "State_Department torture Tren_de_Aragua MS-13 detained_minors parole solitary_confinement "
    "human_rights "
)


def source() -> Source:
    """The one source of all reports, watched whole."""
    return Source(
        id="bench",
        name="Bench",
        publisher_type=PublisherType.MEDIA,
        country="sv",
        languages=("es", "en"),
        kind=Kind.FEED,
        params=FeedParams(urls=("https://bench.example/feed",)),
        relevance="all",
    )


def prose(chance: random.Random, length: int) -> str:
    """Sentences in paragraphs, small words as frequent as in real prose (Zipf's law).

    One word in forty is a name that hardly anybody else has. Every other report is on the subject:
    one word in eight is then a term of the field.
    """
    common, field = chance.choice(((SPANISH, SPANISH_FIELD), (ENGLISH, ENGLISH_FIELD)))
    weights = [1 / (rank + 2) for rank in range(len(common))]
    on_subject = 0.125 if chance.random() < 0.5 else 0.003
    said: list[str] = []
    while len(said) < length:
        sentence = []
        for _ in range(chance.randint(8, 25)):
            kind = chance.random()
            if kind < on_subject:
                sentence.append(chance.choice(field).replace("_", " "))
            elif kind > 39 / 40:
                sentence.append(f"N{chance.randrange(10**6)}")
            else:
                sentence += chance.choices(common, weights)
        sentence[0] = sentence[0].capitalize()
        sentence[-1] += ".\n" if chance.random() < 0.2 else "."
        said += sentence
    return " ".join(said[:length])


def raw_reports(seed: int) -> Iterator[RawReport]:
    """Endless reports, the same for the same seed."""
    chance = random.Random(seed)
    earlier: list[str] = []
    number = 0
    while True:
        number += 1
        if earlier and chance.random() < 0.05:
            text = chance.choice(earlier)
            text = (
                text[: int(len(text) * 0.8)]
                if chance.random() < 0.5
                else text + " Con información de agencias."
            )
        else:
            text = prose(chance, 500)
            earlier.append(text)
            del earlier[:-500]
        url = f"https://bench.example/{seed}/{number}"
        yield RawReport(
            source_id="bench",
            url_requested=url,
            url=url,
            title=" ".join(text.split()[:9]),
            text=text,
            fetched_at=START + timedelta(seconds=number),
            digest=sha256(text.encode()).hexdigest(),
        )


def item(report: Report, by: Source) -> ReportItem:
    """A report with the visit and the receipt that a crawl gives it."""
    at = report.raw.fetched_at
    visit = Visit(
        url=report.url, source_id=by.id, status=200, first_seen=at, last_visited=at, outcome="stored"
    )
    return ReportItem(report=report, source=by, visit=visit, received=Received(status=200))


def fresh(folder: Path, name: str) -> Database:
    """An empty database with the schema."""
    database = open_database(f"sqlite:///{folder / name}")
    upgrade(database)
    return database


def batches(count: int) -> Iterator[list[RawReport]]:
    """Invented reports, a batch at a time."""
    reports = raw_reports(1)
    for _ in range(count // BATCH):
        yield list(islice(reports, BATCH))


def run_whole(database: Database, count: int, rules: Rules, by: Source) -> dict[str, float]:
    """Seconds by stage for `count` reports in batches of 100, from extraction to commit."""
    spent = {name: 0.0 for name, _ in STEPS} | {"commit": 0.0}
    for raws in batches(count):
        reports = [Report(raw=raw, url=raw.url, title=raw.title, text=raw.text) for raw in raws]
        for name, step in STEPS:
            started = time.perf_counter()
            reports = [step(report, by, rules) for report in reports]
            spent[name] += time.perf_counter() - started
        items = [item(report, by) for report in reports]
        started = time.perf_counter()
        commit_batch(database, items, START)
        spent["commit"] += time.perf_counter() - started
    return spent


def stored_rows(database: Database, first: int, last: int) -> dict[str, list[dict[str, object]]]:
    """The rows that reports `first` to `last` left in every table, by table, as Python values."""
    found: dict[str, list[dict[str, object]]] = {}
    with database.read() as connection:
        for table in WRITTEN:
            column = table.c["report_id" if "report_id" in table.c else "id"]
            mine = select(table).where(column.between(first, last))
            found[table.name] = [dict(row._mapping) for row in connection.execute(mine)]
    return found


def raw_rows(file: Path, first: int, last: int) -> dict[str, tuple[str, list[tuple[object, ...]]]]:
    """The same rows as sqlite3 has them, with the statement that writes them."""
    connection = sqlite3.connect(file)
    found = {}
    for table in WRITTEN:
        column = "report_id" if "report_id" in table.c else "id"
        asked = f"SELECT * FROM {table.name} WHERE {column} BETWEEN ? AND ?"
        rows = connection.execute(asked, (first, last)).fetchall()
        places = ", ".join("?" * len(table.c))
        found[table.name] = (f"INSERT INTO {table.name} VALUES ({places})", rows)
    connection.close()
    return found


def write_raw(file: Path, parts: Sequence[dict[str, tuple[str, list[tuple[object, ...]]]]]) -> float:
    """Seconds for sqlite3 executemany with the pragmas that Amparo sets."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    started = time.perf_counter()
    for part in parts:
        connection.execute("BEGIN IMMEDIATE")
        for statement, rows in part.values():
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
    spent = time.perf_counter() - started
    connection.close()
    return spent


def write_core(database: Database, parts: Sequence[dict[str, list[dict[str, object]]]]) -> float:
    """Seconds for SQLAlchemy Core executemany."""
    started = time.perf_counter()
    for part in parts:
        with database.write() as connection:
            for name, rows in part.items():
                if rows:
                    connection.execute(insert(tables.metadata.tables[name]), rows)
    return time.perf_counter() - started


def write_orm(database: Database, parts: Sequence[dict[str, list[dict[str, object]]]]) -> float:
    """Seconds for one mapped object a row, added to a session."""
    mapped = {}
    for table in WRITTEN:
        mapped[table.name] = type(table.name, (), {})
        registry().map_imperatively(mapped[table.name], table)
    started = time.perf_counter()
    for part in parts:
        with database.write() as connection, Session(connection) as session:
            for name, rows in part.items():
                for row in rows:
                    one = mapped[name]()
                    for key, value in row.items():
                        setattr(one, key, value)
                    session.add(one)
                session.flush()
    return time.perf_counter() - started


def with_source(database: Database, by: Source) -> Database:
    """The database with the one source, so that reports can point at it."""
    with database.write() as connection:
        Stores(connection).sources.ensure([by], START)
    return database


def compare_writers(
    folder: Path, full: Database, count: int, commit: float, by: Source
) -> list[tuple[str, float]]:
    """Seconds of each way to write the very same rows, search index and all."""
    spans = [(start + 1, start + BATCH) for start in range(0, count, BATCH)]
    assert full.path is not None
    raw = [raw_rows(full.path, *span) for span in spans]
    typed = [stored_rows(full, *span) for span in spans]
    found = []
    target = with_source(fresh(folder, "raw.db"), by)
    target.close()
    assert target.path is not None
    found.append(("raw sqlite3 executemany", write_raw(target.path, raw)))
    for name, write in (("Core executemany", write_core), ("ORM", write_orm)):
        target = with_source(fresh(folder, f"{write.__name__}.db"), by)
        found.append((name, write(target, typed)))
        target.close()
    return [*found, ("commit_batch: look up, compare, write", commit)]


def peak_megabytes() -> float:
    """The most memory this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=3000)
    parser.add_argument("--memory", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where the databases go; default: a temporary folder")
    chosen = parser.parse_args()
    rules, by = load_rules(), source()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        if chosen.memory:  # first: the peak of a process only grows
            database = fresh(folder, "memory.db")
            run_whole(database, chosen.memory // 5, rules, by)
            first = peak_megabytes()
            database.close()
            database = fresh(folder, "memory2.db")
            run_whole(database, chosen.memory, rules, by)
            print(f"peak memory after {chosen.memory // 5:,} reports: {first:.0f} MB")
            print(f"peak memory after {chosen.memory:,} reports: {peak_megabytes():.0f} MB")
            database.close()
        database = fresh(folder, "whole.db")
        spent = run_whole(database, chosen.reports, rules, by)
        total = sum(spent.values())
        print(f"{chosen.reports} reports, batches of {BATCH}, SQLite with search")
        for stage, seconds in spent.items():
            print(f"  {stage:<14}{1000 * seconds / chosen.reports:8.3f} ms/report {seconds / total:6.0%}")
        rate = chosen.reports / total
        print(f"  {'all':<14}{1000 / rate:8.3f} ms/report = {rate:,.0f} reports/s")
        count = min(chosen.reports, 2000)
        commit = spent["commit"] * count / chosen.reports
        compared = compare_writers(folder, database, count, commit, by)
        database.close()
        print(f"the same rows of {count} reports written by")
        for way, seconds in compared:
            print(f"  {way:<40}{count / seconds:8,.0f} reports/s {seconds / compared[0][1]:6.2f} x raw")


if __name__ == "__main__":
    main()
