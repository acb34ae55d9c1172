"""`amparo demo`: crawl a replay site on this machine and show what Amparo makes of it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.context import emit, interactive
from core.errors import AmparoError, InputError
from spiders.process import CRAWL, signal_group

if TYPE_CHECKING:
    from cli.demo_findings import Crawl, Findings
    from cli.demo_site.server import ReplaySite

QUERY = "custody -trial country:US"
"""The example search: words, a word that must not occur, and a filter."""

NEVER_LISTED = "never listed"

SECONDS = 120
"""A crawl of the demo that takes longer than this is broken."""


class DemoFailed(AmparoError):
    """The demo did not come to its end."""


@click.command("demo")
@click.option(
    "--keep",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the database and the source files in this new folder.",
)
@click.option("--json", "as_json", is_flag=True, help="The whole result as one JSON object.")
def command(keep: Path | None, as_json: bool) -> None:
    """Crawl a replay site on this machine and show what Amparo makes of it.

    Six invented publishers are served on 127.0.0.1 in every form Amparo reads (RSS, Atom, JSON
    Feed, sitemaps, HTML lists, a JSON API, PDF) and crawled twice over real HTTP. Nothing leaves
    this machine, and nothing stays on it without --keep.
    """
    # As Ctrl-C does: the crawl under way and the temporary folder must not outlive the demo.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _folder(keep) as folder:
        crawls, findings = _run(folder)
        if as_json:
            kept = str(folder) if keep else None
            emit({"folder": kept, "crawls": [asdict(crawl) for crawl in crawls], **asdict(findings)})
        else:
            from rich.console import Console

            from cli.demo_show import show

            show(Console(), findings, crawls, kept=folder if keep else None)
    lost = [fate.url for fate in findings.fates if fate.outcome == NEVER_LISTED]
    if lost or crawls[1].counts["new"]:
        raise DemoFailed(f"Pages lost: {lost}; stored a second time: {crawls[1].counts['new']}.")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The kept folder, new or empty, or one that is removed at the end."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="amparo-demo-") as name:
            yield Path(name)
        return
    folder = keep.expanduser().absolute()
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"--keep {keep}: the folder is not empty; name a new one")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def _run(folder: Path) -> "tuple[list[Crawl], Findings]":
    from cli.demo_findings import look
    from cli.demo_site.documents import load_documents
    from cli.demo_site.server import replay_site
    from db.engine import open_database

    with replay_site() as site:
        sources = write_sources(site, folder / "sources")
        environment = crawl_environment(folder)
        crawls = [
            _crawl(site, sources, environment, telling)
            for telling in ("Crawling six publishers on this machine", "Crawling them again")
        ]
        database = open_database(f"sqlite:///{folder / 'amparo.db'}")
        try:
            return crawls, look(database, site, load_documents(), query=QUERY)
        finally:
            database.close()


def write_sources(site: "ReplaySite", folder: Path) -> list[str]:
    """The source files of the demo with the addresses of the running site; their ids."""
    from cli.demo_site.documents import FOLDER

    folder.mkdir()
    for publisher, base in site.bases.items():
        name = f"demo-{publisher}.yaml"
        text = (FOLDER / "sources" / name).read_text("utf-8")
        (folder / name).write_text(text.replace("BASE", base), "utf-8")
    return [f"demo-{publisher}" for publisher in site.bases]


def crawl_environment(folder: Path) -> dict[str, str]:
    """This environment with no setting of ours but the demo's own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AMPARO_")}
    return others | {"AMPARO_DATA_DIR": str(folder), "AMPARO_SOURCES": str(folder / "sources")}


def _crawl(site: "ReplaySite", sources: list[str], environment: dict[str, str], telling: str) -> "Crawl":
    """Run the real `amparo crawl` in a process of its own, as an operator would."""
    from cli.demo_findings import Crawl

    before, began = len(site.asked), time.monotonic()
    with _telling(telling):
        code, out, said = _output([*CRAWL, *sources, "--json"], environment)
    lines = out.splitlines()
    if not lines or '"totals"' not in lines[-1]:
        raise DemoFailed(f"`amparo crawl` ended with exit code {code}:\n{said[-2000:]}")
    totals: dict[str, int] = json.loads(lines[-1])["totals"]
    asked = site.asked[before:]
    return Crawl(
        seconds=round(time.monotonic() - began, 1),
        requests=len(asked),
        conditional=sum(one.conditional for one in asked),
        not_modified=sum(one.status == 304 for one in asked),
        counts=totals,
    )


def _output(command: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command that ends with this one, whatever ends this one."""
    process = subprocess.Popen(  # noqa: S603 our own command
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            out, said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"A crawl took longer than {SECONDS} s.") from None
        finally:
            if process.poll() is None:
                _end(process)
    return process.returncode, out, said


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask a crawl to stop, and kill it and its workers when it does not."""
    signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        signal_group(process.pid, signal.SIGKILL)


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Say what is going on while a person waits."""
    if not interactive():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield
