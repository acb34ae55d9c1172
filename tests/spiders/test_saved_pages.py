"""Real saved pages, crawled by all four kinds of sources through the real command."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import open_database
from db.reports import ReportStore

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
KINDS = {
    "saved-feed": "feed:\n  url: {base}/feed.xml\n",
    "saved-sitemap": "sitemap:\n  url: {base}/sitemap.xml\n  max_age_days: null\n",
    "saved-listing": (
        "listing:\n  url: {base}/news\n  item: li.item\n  date: time\n  date_attribute: datetime\n"
        "  next: a.next\n  max_pages: 10\n"
    ),
    "saved-api": (
        "api:\n  url: {base}/api/articles.json\n  items: results\n"
        "  fields: {{url: url, title: title, date: date}}\n  paging: {{rule: next, path: next}}\n"
    ),
}


@pytest.fixture
def base() -> Iterator[str]:
    """The address of the saved pages, served as a news site."""
    server, pages = SHARED / "tools" / "serve_pages.py", SHARED / "data" / "pages"
    if not server.exists() or not pages.exists():
        pytest.skip("the saved pages are not beside this checkout")
    command = [sys.executable, str(server), str(pages), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.kill()


def crawl(folder: Path, names: list[str]) -> tuple[int, list[dict[str, object]]]:
    """The exit status and the JSON of an `amparo crawl`."""
    env = {**os.environ, "AMPARO_SOURCES": str(folder / "sources"), "AMPARO_DATA_DIR": str(folder)}
    env.pop("AMPARO_DATABASE_URL", None)
    command = [sys.executable, "-m", "cli.main", "crawl", *names, "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=150
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_saved_pages_are_stored_once_and_the_second_crawl_stores_nothing(base: str, tmp_path: Path) -> None:
    """Four kinds of index over one site: each page once, then nothing but conditional requests."""
    (tmp_path / "sources").mkdir()
    for name, kind in KINDS.items():
        text = (
            f"id: {name}\nname: {name}\ntype: media\ncountry: US\nlanguages: [en, es]\n"
            f"{kind.format(base=base)}"
            "relevance: all\nstatus: verified\nchecked: 2026-11-01\nenabled: true\nlicence: Test.\n"
            "allow_private_network: true\n"
        )
        (tmp_path / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")
    status, (*first, totals) = crawl(tmp_path, list(KINDS))
    assert status == 0
    assert [result["counts"]["listed"] for result in first] == [46] * 4  # type: ignore[index]
    assert totals["totals"]["new"] == 46  # type: ignore[index]
    database = open_database(f"sqlite:///{tmp_path / 'amparo.db'}")
    with database.read() as connection:
        assert ReportStore(connection).count() == 46
    database.close()
    status, (*_, totals) = crawl(tmp_path, list(KINDS))
    counts = totals["totals"]
    assert isinstance(counts, dict)
    assert (status, counts["not_modified"], counts["received"], counts["new"]) == (0, 46, 0, 0)
