"""Kill -9 a crawl at random moments; one more run must bring every page there once.

    python bench/kill_crawl.py [--kills 20] [--pages 40] [--seed 1]

Each time a fresh database. The site gives its feed an ETag, so a feed that counts as read too early
hides what was lost. Exits 1 when a page is missing or doubled, or a run still says running.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.loopback_site import made_up_page, serve, source_file  # noqa: E402
from core.errors import AmparoError  # noqa: E402
from db.engine import open_database  # noqa: E402
from db.reports import ReportStore  # noqa: E402
from db.runs import RunStore  # noqa: E402

WAIT = 0.1
"""Seconds the site takes for a page, so that storing goes on for long enough to be struck."""

LONGEST = 120
"""Seconds after which a crawl counts as hung."""


@contextmanager
def site(pages: int) -> Iterator[int]:
    """So many short pages on loopback; the port."""
    server = serve([made_up_page(number) for number in range(pages)], wait=WAIT)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def start(folder: Path, port: int, pages: int) -> "subprocess.Popen[str]":
    """An `amparo crawl` of the site, its database in `folder`."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / "bench-site.yaml").write_text(source_file(port, count=pages), encoding="utf-8")
    env = {**os.environ, "AMPARO_SOURCES": str(sources), "AMPARO_DATA_DIR": str(folder / "data")}
    env.pop("AMPARO_DATABASE_URL", None)
    command = [sys.executable, "-m", "cli.main", "crawl", "bench-site", "--json"]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(folder: Path, port: int, pages: int) -> tuple[int, dict[str, int], str]:
    """A crawl to its end: exit status, counts, what it wrote on stderr."""
    process = start(folder, port, pages)
    try:
        out, err = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return -1, {}, f"hung for {LONGEST} s\n{err}"
    counts = json.loads(out.splitlines()[-1])["totals"] if out else {}
    return process.returncode, counts, err


def wrong(folder: Path, port: int, pages: int) -> list[str]:
    """What is not as it must be: pages missing or doubled, runs that never ended."""
    database = open_database(f"sqlite:///{folder / 'data' / 'amparo.db'}")
    try:
        with database.read() as connection:
            store = ReportStore(connection)
            urls = [f"http://127.0.0.1:{port}/article/{number}" for number in range(pages)]
            found = {url: store.by_url(url) for url in urls}
            said = [f"missing {url}" for url, report in found.items() if report is None]
            said += [
                f"revised {url}"
                for url, report in found.items()
                if report and len(store.versions(report.id)) > 1
            ]
            if not said and store.count() != pages:
                said.append(f"{store.count()} reports of {pages} pages")
            said += [f"run {run.id} still says running" for run in RunStore(connection).unfinished()]
    finally:
        database.close()
    return said


def stored(folder: Path) -> int:
    """How many reports a crawl under way has committed."""
    file = folder / "data" / "amparo.db"
    if not file.exists():
        return 0
    database = open_database(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            return ReportStore(connection).count()
    except AmparoError:
        return 0
    finally:
        database.close()


def kill_once(port: int, pages: int, reports: int, after: float) -> tuple[int, list[str]]:
    """Kill a crawl `after` seconds from the moment it has stored so many reports; run once more.

    Returns how many reports the first run left, and what is wrong after the second.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = start(folder, port, pages)
        deadline = time.monotonic() + LONGEST
        while reports and stored(folder) < reports and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = stored(folder)
        status, _, err = finish(folder, port, pages)
        problems = wrong(folder, port, pages) if status == 0 else [f"exit status {status}: {err}"]
    return left, problems


def run(kills: int, pages: int, seed: int) -> int:
    """Kill so many crawls; the number of those after which something was wrong."""
    chance = random.Random(seed)
    failures = 0
    with site(pages) as port:
        with tempfile.TemporaryDirectory() as name:
            began = time.monotonic()
            status, counts, err = finish(Path(name), port, pages)
            whole = time.monotonic() - began
            if status or counts.get("new") != pages or wrong(Path(name), port, pages):
                print(f"the undisturbed crawl failed: status {status}, {counts}\n{err}")
                return 1
        print(f"undisturbed: {pages} pages in {whole:.1f} s")
        for number in range(1, kills + 1):
            # One in four at any time from the start on, the others while pages are being stored.
            reports = 0 if number % 4 == 0 else chance.randint(1, pages - 1)
            after = chance.uniform(0.0, 0.1 if reports else whole)
            had, problems = kill_once(port, pages, reports, after)
            failures += bool(problems)
            said = ", ".join(problems) or "all there once"
            print(f"{number:>3}: killed {after:4.2f} s after report {reports:>3}, {had:>3} stored: {said}")
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failures = run(options.kills, options.pages, options.seed)
    print(f"{failures} of {options.kills} failed" if failures else "every page there once, every time")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
