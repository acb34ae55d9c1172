"""`amparo demo` is the first thing a newcomer runs: it must show the truth and leave nothing."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from cli.demo_show import next_steps
from cli.demo_site.documents import load_documents, load_publishers
from cli.demo_site.server import ReplaySite, replay_site

ROOT = Path(__file__).parents[2]
DEMO = (sys.executable, "-m", "cli.main", "demo")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a demo was kept."""
    return tmp_path_factory.mktemp("demo") / "kept"


@pytest.fixture(scope="module")
def result(kept: Path) -> dict[str, Any]:
    """What one demo found, by its JSON output."""
    done = subprocess.run(
        [*DEMO, "--keep", str(kept), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    """Title -> what became of the page."""
    return {fate["title"]: fate["outcome"] for fate in result["fates"]}


def test_every_page_of_the_demo_is_accounted_for(result: dict[str, Any]) -> None:
    """A page that vanished without a word is the one fault this program must not have."""
    assert len(result["fates"]) == len(load_documents())
    assert set(outcomes(result).values()) == {
        "report",
        "duplicate",
        "off-topic",
        "quarantined",
        "blocked",
        "robots",
    }


def test_every_report_of_the_demo_on_its_subjects_is_relevant(result: dict[str, Any]) -> None:
    """Newcomers judge the whole by whether the deaths, the decree and TPS are in the table."""
    by_form = {document.title: document for document in load_documents()}
    for title, outcome in outcomes(result).items():
        document = by_form.get(title)
        if document and document.form in ("html", "pdf") and "/borradores/" not in document.path:
            expected = ("off-topic",) if document.section == "Sabores" else ("report", "duplicate")
            assert outcome in expected, title


def test_the_demo_dates_every_report_as_its_publisher_does(result: dict[str, Any]) -> None:
    """Each publisher tells its dates in another form; none may be lost or shifted."""
    when = {document.title: f"{document.when:%Y-%m-%d}" for document in load_documents()}
    for fate in result["fates"]:
        if fate["outcome"] in ("report", "duplicate"):
            assert fate["published"][:10] == when[fate["title"]], fate["title"]


def test_the_syndicated_copy_is_folded_and_templates_are_not(result: dict[str, Any]) -> None:
    """Two people who died are two reports, though their notices differ in a few words."""
    assert len(result["folded"]) == 1
    [copy] = result["folded"]
    assert "third" in copy["title"] + copy["other"]
    apart = " ".join(pair["title"] + pair["other"] for pair in result["kept_apart"])
    assert "Lidia Marroquín Tzoc" in apart
    assert "Samuel Adeyemi Brooks" in apart
    assert "4 de mayo" in apart


def test_the_second_crawl_asks_conditionally_and_stores_nothing(result: dict[str, Any]) -> None:
    """What costs publishers the most is being asked again for what did not change."""
    first, second = result["crawls"]
    assert first["conditional"] == 0
    assert second["conditional"] >= 5
    assert second["not_modified"] == second["conditional"]
    assert second["counts"]["new"] == second["counts"]["duplicate"] == second["counts"]["updated"] == 0


def test_every_command_that_the_demo_suggests_works(result: dict[str, Any], kept: Path) -> None:
    """A first suggestion that fails is the last one a newcomer follows."""
    blocked = [fate["url"] for fate in result["fates"] if fate["outcome"] == "blocked"]
    steps = [step for step in next_steps(kept, blocked) if " crawl " not in step]
    assert len(steps) > 5
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AMPARO_")}
    environ["AMPARO_DATA_DIR"] = "/nonexistent/amparo"
    script = "\n".join(steps)
    done = subprocess.run(
        ["/bin/sh", "-ec", script],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "CECOT" in done.stdout
    assert "blocked the crawler" in done.stdout


def test_a_kept_folder_is_never_overwritten(result: dict[str, Any], kept: Path) -> None:
    """A second demo into a folder with a database would mix both, or destroy one."""
    done = subprocess.run(
        [*DEMO, "--keep", str(kept)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 2
    assert "not empty" in done.stderr


def test_the_demo_shows_its_result_and_leaves_nothing(tmp_path: Path) -> None:
    """It runs on other people's machines."""
    done = subprocess.run(
        [*DEMO],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for heading in ("reports", "Folded as copies", "kept apart", "Off topic", "Not stored", "Try next"):
        assert heading in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_stopped_takes_its_crawl_and_its_folder_along(tmp_path: Path) -> None:
    """Somebody will close the window in the middle of it."""
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([*DEMO], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as demo:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("amparo-demo-*/amparo.db")):
            assert time.monotonic() < deadline
            assert demo.poll() is None
            time.sleep(0.02)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 128 + signal.SIGTERM
    assert list(tmp_path.glob("amparo-demo-*")) == []


# ---- the replay site -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def site() -> Iterator[ReplaySite]:
    """The running site."""
    with replay_site() as running:
        yield running


def fetch(url: str, **headers: str) -> tuple[int, bytes, Any]:
    """Status, body and headers of one request."""
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_every_document_of_the_site_is_served(site: ReplaySite) -> None:
    """The crawl can only show what the site gives."""
    for document in load_documents():
        url = site.bases[document.publisher] + document.path
        status, body, _ = fetch(url)
        assert (status, bool(body)) == (403 if document.form == "challenge" else 200, True), url


def test_the_site_answers_conditional_requests(site: ReplaySite) -> None:
    """Otherwise the second crawl would show nothing."""
    url = site.bases["umbral"] + "/feed/"
    _, _, headers = fetch(url)
    assert fetch(url, If_None_Match=headers["ETag"])[:2] == (304, b"")
    assert fetch(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert fetch(url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_the_pdf_of_the_site_is_a_pdf_with_its_text(site: ReplaySite) -> None:
    """It is written by hand, and a reader must find every word of it."""
    _, body, _ = fetch(site.bases["clinic"] + "/reports/solitary-confinement-review.pdf")
    with pypdfium2.PdfDocument(body) as pdf:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    words = " ".join(text.split())
    [document] = [one for one in load_documents() if one.form == "pdf"]
    for paragraph in document.paragraphs:
        assert paragraph in words


def test_the_publishers_cover_every_form_of_index() -> None:
    """The demo says that Amparo reads all of them."""
    assert {publisher.index for publisher in load_publishers().values()} == {
        "rss",
        "atom",
        "jsonfeed",
        "sitemap",
        "listing",
        "api",
    }


def test_an_unknown_page_of_the_site_is_not_found(site: ReplaySite) -> None:
    """As on any other site."""
    assert fetch(site.bases["ceiba"] + "/no-such-page")[0] == 404
