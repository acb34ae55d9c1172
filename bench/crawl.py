"""Pages a second of `amparo crawl`, beside a plain spider and Scrapy alone, on the same site.

    python bench/crawl.py FOLDER [--pages 400] [--rounds 3]
    python bench/crawl.py --memory 10000

FOLDER holds saved pages (see bench/loopback_site.py). Every round runs the three one after another,
each a fresh process with a fresh database; times are of the whole command, start included. Beside
the seconds that passed stand those the processors worked (all processes of the command): on a
machine that does other things too, they are the steadier figure.
With --memory: peak memory of a crawl of so many short pages, beside one of a tenth of them.
"""

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.loopback_site import made_up_page, serve, source_file

BENCH = Path(__file__).parent


@contextmanager
def site(folder: Path, pages: int) -> Iterator[int]:
    """The saved pages, served by a process of their own; its port."""
    command = [sys.executable, str(BENCH / "loopback_site.py"), str(folder), "--pages", str(pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def environment(folder: Path, port: int, pages: int) -> dict[str, str]:
    """The environment of a crawl in an empty folder with one source."""
    sources = folder / "sources"
    sources.mkdir()
    (sources / "bench-site.yaml").write_text(source_file(port, count=pages), encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(BENCH.parent), os.environ.get("PYTHONPATH"))))
    return {
        **os.environ,
        "AMPARO_SOURCES": str(sources),
        "AMPARO_DATA_DIR": str(folder / "data"),
        "PYTHONPATH": path,
    }


def cpu_of_children() -> float:
    """Processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def amparo(port: int, pages: int) -> float:
    """Seconds of an `amparo crawl` of the site. Fails when a page is missing."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "cli.main", "crawl", "bench-site", "--json"]
        began = time.perf_counter()
        done = subprocess.run(
            command, env=environment(Path(name), port, pages), capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - began
    counts = json.loads(done.stdout.splitlines()[-1])["totals"]
    settled = counts["new"] + counts["duplicate"] + counts["quarantined"]
    if settled != pages:
        raise SystemExit(f"expected {pages} pages, got {counts}\n{done.stderr}")
    print(
        f"  amparo: {counts['new']} new, {counts['duplicate']} duplicate, {counts['quarantined']} quarantined"
    )
    return seconds


def plain(port: int, pages: int, *extra: str) -> float:
    """Seconds of the plain spider on the site."""
    with tempfile.TemporaryDirectory() as name:
        feed, database = f"http://127.0.0.1:{port}/feed.xml", str(Path(name) / "plain.db")
        command = [sys.executable, str(BENCH / "plain_spider.py"), feed, database, *extra]
        began = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - began
        stored = sqlite3.connect(database).execute("SELECT count(*) FROM page").fetchone()[0]
    if stored != pages:
        raise SystemExit(f"the plain spider stored {stored} of {pages} pages")
    return seconds


def speed(folder: Path, pages: int, rounds: int) -> None:
    """Print pages a second of the three and their ratios, by the median of the rounds."""
    crawls: dict[str, Callable[[int, int], float]] = {
        "amparo": amparo,
        "plain spider": plain,
        "scrapy alone": lambda port, pages: plain(port, pages, "--no-extract"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in crawls}
    cpu: dict[str, list[float]] = {name: [] for name in crawls}
    with site(folder, pages) as port:
        for _ in range(rounds):
            for name, crawl in crawls.items():
                before = cpu_of_children()
                seconds[name].append(crawl(port, pages))
                cpu[name].append(cpu_of_children() - before)
    rates = {name: pages / statistics.median(times) for name, times in seconds.items()}
    for name, rate in rates.items():
        worked = 1000 * statistics.median(cpu[name]) / pages
        print(
            f"{name:>13}: {rate:6.1f} pages/s (processors {worked:4.1f} ms a page), "
            f"amparo is {rates['amparo'] / rate:.2f} times as fast"
        )


def peak(pages: int) -> tuple[float, float]:
    """Peak resident MB of the crawling process, and seconds, for so many short pages."""
    server = serve([made_up_page(number) for number in range(pages)])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    highest = 0.0
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "cli.main", "crawl", "bench-site", "--json"]
        began = time.perf_counter()
        env = environment(Path(name), server.server_port, pages)
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            watched = psutil.Process(process.pid)
            while process.poll() is None:
                try:
                    highest = max(highest, watched.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    break
                time.sleep(0.2)
            assert process.stdout is not None
            counts = json.loads(process.stdout.read().splitlines()[-1])["totals"]
    server.shutdown()
    if counts["new"] + counts["duplicate"] != pages:
        raise SystemExit(f"expected {pages} reports, got {counts}")
    return highest, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int)
    options = parser.parse_args()
    if options.memory:
        for pages in (options.memory // 10, options.memory):
            megabytes, seconds = peak(pages)
            print(f"{pages:>6} pages: peak {megabytes:.0f} MB, {pages / seconds:.0f} pages/s")
    elif options.folder:
        speed(options.folder, options.pages, options.rounds)
    else:
        parser.error("a folder of saved pages, or --memory N")


if __name__ == "__main__":
    main()
