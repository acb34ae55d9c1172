"""Two processes that write at once: on one database neither misses what the other stored."""

import subprocess
import sys
from pathlib import Path
from typing import IO

from sqlalchemy import func, select

from db.engine import open_database
from db.tables import report

ROOT = Path(__file__).parents[2]
ROUNDS, AT_ONCE = 50, 3

WRITER = f"""
import sys
from db.engine import open_database
from pipeline.intake import commit_batch
from tests.db.samples import NOW, item, prose, report
mine, url = sys.argv[1], sys.argv[2]
items = [
    item(report(f"https://{{mine}}.example/{{n}}", prose(f"p{{n}}w", 60) + f" {{mine}} end", source_id=mine))
    for n in range({ROUNDS * AT_ONCE})
]
database = open_database(url)
for start in range(0, len(items), {AT_ONCE}):
    print("ready", flush=True)
    sys.stdin.readline()
    commit_batch(database, items[start : start + {AT_ONCE}], NOW)
database.close()
"""


class Writer:
    """A process that commits the next few of its reports whenever it is told to."""

    def __init__(self, name: str, url: str) -> None:
        command = [sys.executable, "-c", WRITER, name, url]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)

    def wait_until_ready(self) -> None:
        assert _open(self.process.stdout).readline() == "ready\n"

    def go(self) -> None:
        stream = _open(self.process.stdin)
        stream.write("go\n")
        stream.flush()

    def finish(self) -> int:
        code = self.process.wait(timeout=60)
        _open(self.process.stdin).close()
        _open(self.process.stdout).close()
        return code


def _open(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def test_interleaved_near_duplicates_are_all_found(database_url: str) -> None:
    """Looking first and adding after, without a lock, misses pairs that arrive at once."""
    writers = [Writer("vigia", database_url), Writer("faro", database_url)]
    for number in range(ROUNDS):
        for writer in writers:
            writer.wait_until_ready()
        for writer in writers if number % 2 else reversed(writers):
            writer.go()
    assert [writer.finish() for writer in writers] == [0, 0]

    pairs = ROUNDS * AT_ONCE
    originals = report.c.duplicate_of.is_(None)
    database = open_database(database_url)
    with database.read() as connection:
        total = connection.execute(select(func.count()).select_from(report)).scalar_one()
        by_source = select(report.c.source_id, func.count()).where(originals).group_by(report.c.source_id)
        first = {row[0]: row[1] for row in connection.execute(by_source)}
    database.close()
    assert (total, sum(first.values())) == (2 * pairs, pairs)
    assert len(first) == 2, "the two did not take turns: the test proves nothing"
