"""Prepares and sends the digests of 1,000 subscribers about 500 new reports, over real SMTP.

    python bench/digests.py [--subscribers 1000] [--reports 500] [--everything] [--url URL]

The mail server is an aiosmtpd on loopback in its own process, so the memory printed is ours. With
--everything each reader is told of every report (the worst case), otherwise forty searches are
shared out among the readers. Prints seconds for matching, preparing and sending, mails, bytes and
the peak of resident memory.
"""

import argparse
import multiprocessing
import random
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from alerts.joining import join, wish
from alerts.masking import Mask

sys.path.insert(0, str(Path(__file__).parent.parent))

from alerts.desk import Rules
from alerts.matching import match_events
from alerts.preparing import prepare_due
from alerts.run import send_due
from core.event import Event
from core.settings import Settings
from core.subscription import Channel
from db.engine import Database, open_database
from db.subscribers import SubscriberStore
from db.upgrade import upgrade
from pipeline.intake import commit_batch
from pipeline.items import EventItem
from taxonomy.loader import load_taxonomy
from tests.db.samples import item, report, source

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TAGS = ("death-in-custody", "state-of-exception", "cecot", "deportation-flights", "tps", "prison-conditions")
PLACES = ("Mariona", "Santa Ana", "Izalco", "Apopka", "Stewart", "Folkston", "San Miguel", "Karnes")
SOURCES = tuple(f"fuente{n}" for n in range(12))


def serve(port: int, told: "Queue[Any]") -> None:
    """Accept every mail; at the end say how many and how many bytes."""
    from aiosmtpd.controller import Controller

    sizes: list[int] = []
    readers: set[str] = set()

    class Count:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            sizes.append(len(envelope.content))
            readers.update(envelope.rcpt_tos)
            return "250 OK"

    controller = Controller(Count(), hostname="127.0.0.1", port=port)
    controller.start()
    told.put("ready")
    told.get()
    controller.stop()
    told.put((len(sizes), sum(sizes), len(readers)))


def words(rng: random.Random) -> str:
    """Three hundred words in sentences, with a figure and a place here and there."""
    stock = [
        "las",
        "familias",
        "esperan",
        "frente",
        "al",
        "penal",
        "and",
        "the",
        "court",
        "ordered",
        "a",
        "hearing",
        "on",
        "removal",
    ]
    sentences = []
    for number in range(20):
        said = [*rng.choices(stock, k=13), f"{rng.getrandbits(32):x}"]
        if number % 7 == 2:
            said.append(f"{rng.randrange(2, 900)} personas detenidas en {rng.choice(PLACES)}")
        sentences.append(" ".join(said).capitalize() + ".")
    return "\n".join(sentences)


def publish(database: Database, count: int) -> None:
    """New reports of a day, as intake stores them."""
    rng = random.Random(4)
    items = []
    for number in range(count):
        by = rng.choice(SOURCES)
        title = f"Informe {number}: {rng.choice(PLACES)}, {rng.choice(TAGS).replace('-', ' ')} {number * 7}"
        tags = rng.sample(TAGS, k=rng.randrange(1, 4))
        one = report(
            f"https://{by}.example/2026/03/{number}-un-titular-de-largo-corriente-en-la-prensa",
            words(rng),
            title=title,
            source_id=by,
            at=NOW,
            tags=tags,
            language=rng.choice(("es", "en")),
            published=NOW - timedelta(days=rng.randrange(3)),
        )
        items.append(item(one, source(by)))
    for start in range(0, count, 200):
        commit_batch(database, items[start : start + 200], NOW)
    commit_batch(database, [EventItem(event=Event(kind="bench", at=NOW))], NOW)


def subscribe(database: Database, count: int, *, everything: bool) -> None:
    """Readers with forty searches among them, in three time zones and both languages."""
    searches = [f"tag:{tag}" for tag in TAGS] + [f'"{place}"' for place in PLACES]
    searches += [f"{place} tag:{tag}" for place in PLACES[:4] for tag in TAGS[:5]]
    searches += [f"source:{name}" for name in SOURCES[:6]]
    for number in range(count):
        asked = wish(
            Channel.MAIL,
            f"reader{number}@example.org",
            query="" if everything else searches[number % len(searches)],
            language=("en", "es")[number % 2],
            timezone=("UTC", "America/El_Salvador", "America/New_York")[number % 3],
            hour=(7, 1, 2)[number % 3],
        )
        one = join(database, asked, NOW, by_operator=True)
        assert one is not None
        with database.write() as connection:
            SubscriberStore(connection).activate(one.id, NOW)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")


def timed(label: str, act: Callable[[], Any]) -> Any:
    """Do it and print how long it took and the memory peak so far."""
    started = time.perf_counter()
    result = act()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{label:<12} {seconds:7.1f} s   peak {peak:6.0f} MB   {result}", flush=True)
    return result


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--reports", type=int, default=500)
    parser.add_argument("--everything", action="store_true")
    parser.add_argument("--url", help="an empty database; a new SQLite file if not given")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(asked.url or f"sqlite:///{folder}/bench.db")
        upgrade(database)
        timed("subscribe", lambda: subscribe(database, asked.subscribers, everything=asked.everything))
        timed("publish", lambda: publish(database, asked.reports))
        run(database, Path(folder))
        database.close()


def run(database: Database, folder: Path) -> None:
    """Match, prepare and send, each timed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        database_url="",
        data_dir=folder,
        contact="x",
        mail_from="Amparo <digests@amparo.example>",
        public_url="https://amparo.example",
        smtp_url=f"smtp://127.0.0.1:{port}?tls=off",
    )
    context = multiprocessing.get_context("spawn")
    told: Queue[Any] = context.Queue()
    server = context.Process(target=serve, args=(port, told))
    server.start()
    assert told.get(timeout=30) == "ready"
    at = NOW + timedelta(hours=1)
    rules = Rules(mask=Mask(load_taxonomy().identifiers))
    timed("match", lambda: match_events(database))
    timed("prepare", lambda: prepare_due(database, rules, at))
    done = timed("send", lambda: send_due(database, replace(settings), at, permitted=lambda _a: False))
    told.put("stop")
    server.join(10)
    mails, size, readers = told.get(timeout=10)
    print(f"received     {mails} mails, {size / 1e6:.1f} MB, {readers} readers")
    assert mails == done.sent
    again = send_due(database, settings, at + timedelta(hours=1), permitted=lambda _a: False)
    assert (again.sent, again.later) == (0, 0), again


if __name__ == "__main__":
    main()
