"""`scheduler.py` is a module, not a package: import-linter does not see it, so these tests do."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {"cli", "scheduler", "spiders", "pipeline", "db", "sources", "taxonomy", "core", "migrations"}


def imported_packages(file: Path) -> set[str]:
    """The top-level names a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_scheduler_imports_only_the_layers_below_it() -> None:
    """It decides when; a command that it imported could be imported by nothing it starts."""
    assert imported_packages(ROOT / "scheduler.py") & OURS <= {"spiders", "pipeline", "db", "sources", "core"}


def test_the_scheduler_writes_no_sql_and_knows_no_scrapy() -> None:
    """Only db/ and migrations/ write SQL; only spiders/ and the item pipeline know Scrapy."""
    forbidden = {"sqlalchemy", "sqlite3", "psycopg", "scrapy", "twisted"}
    assert not imported_packages(ROOT / "scheduler.py") & forbidden


def test_nothing_below_the_scheduler_imports_it() -> None:
    """A crawl must run without the scheduler."""
    for package in OURS - {"cli", "scheduler"}:
        for file in (ROOT / package).rglob("*.py"):
            assert not imported_packages(file) & {"scheduler", "cli"}, file


def test_importing_the_scheduler_does_nothing_and_loads_no_scrapy() -> None:
    """Its process lives for months beside the crawls: no thread, no handler, no Scrapy in memory."""
    code = (
        "import logging, signal, sys, threading\n"
        "import scheduler\n"
        "assert threading.active_count() == 1\n"
        "assert not logging.getLogger().handlers and not logging.getLogger('amparo').handlers\n"
        "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
        "assert not {'scrapy', 'twisted', 'trafilatura'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
