"""`amparo schedule` as an operator uses it; the scheduler itself is tested in test_scheduler."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.context import exit_status_of
from cli.schedule import command
from core.errors import SettingsError, SourceFileError
from db.engine import open_database
from db.runs import Run, RunStore
from db.sources import SourceStore
from db.upgrade import upgrade
from sources.catalogue import parse_source

ROOT = Path(__file__).parents[2]
FEED = (
    "<rss version='2.0'><channel><title>V</title><item><title>Prisión</title>"
    "<link>BASE/one</link></item></channel></rss>"
)


class Vigia(BaseHTTPRequestHandler):
    """A publisher with one article; `/slow` never answers."""

    def do_GET(self) -> None:
        if self.path.startswith("/slow"):
            time.sleep(60)
            return
        base = f"http://{self.headers['Host']}"
        words = " ".join(["El régimen de excepción sigue vigente en El Salvador."] * 20)
        page = f"<html><head><title>Prisión</title></head><body><article><p>{words}</p></article>"
        known = {"/feed": FEED.replace("BASE", base), "/one": page}
        body = known.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def base() -> Iterator[str]:
    """The publisher's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vigia)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's folder of sources in the place of all others, and no database."""
    monkeypatch.setattr("sources.catalogue.PACKAGED", tmp_path / "packaged")
    (tmp_path / "packaged").mkdir()
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("AMPARO_SOURCES", str(own))
    monkeypatch.setenv("AMPARO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("AMPARO_DATABASE_URL", raising=False)
    monkeypatch.delenv("AMPARO_CONTACT", raising=False)
    return own


def source_text(base: str = "https://vigia.example", path: str = "/feed") -> str:
    """A source file."""
    private = "allow_private_network: true\n" if "127.0.0.1" in base else ""
    return (
        f"name: Vigía\ntype: media\ncountry: SV\nlanguages: [es]\nfeed: {{url: {base}{path}}}\n"
        f"politeness: {{delay_seconds: 0}}\n{private}"
    )


def test_list_shows_the_next_start_of_each_source_without_a_database(folder: Path) -> None:
    """An operator wants to know before anything is started, and nothing is made by asking."""
    (folder / "vigia.yaml").write_text(source_text(), encoding="utf-8")
    result = CliRunner().invoke(command, ["--list", "--json"])
    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout)
    assert (line["source"], line["why"], line["last_start"]) == ("vigia", "first", None)
    assert "vigia" in CliRunner().invoke(command, ["--dry-run"]).output
    assert not (folder.parent / "var").exists()


def test_list_keeps_to_the_last_run(folder: Path) -> None:
    """A restart must not reset an interval."""
    (folder / "vigia.yaml").write_text(source_text(), encoding="utf-8")
    database = open_database(f"sqlite:///{folder.parent / 'var' / 'amparo.db'}")
    upgrade(database)
    began = datetime.now(UTC) - timedelta(minutes=10)
    with database.write() as connection:
        SourceStore(connection).ensure([parse_source(source_text(), "vigia.yaml")], began)
        runs = RunStore(connection)
        runs.finish(runs.start("vigia", now=began, pid=1, trigger="manual"), status="ok", now=began)
    database.close()
    line = json.loads(CliRunner().invoke(command, ["--list", "--json"]).stdout)
    assert datetime.fromisoformat(line["next_start"]) == (began + timedelta(hours=1)).replace(microsecond=0)


def test_a_broken_source_file_is_named_and_nothing_starts(folder: Path) -> None:
    """A source that is skipped in silence is worse than a scheduler that does not start."""
    (folder / "roto.yaml").write_text(source_text() + "colour: red\n", encoding="utf-8")
    result = CliRunner().invoke(command, [])
    assert isinstance(result.exception, SourceFileError)
    assert result.exception.exit_code == 2
    assert "roto.yaml" in str(result.exception)


def test_without_a_contact_no_public_site_is_scheduled(folder: Path) -> None:
    """Each crawl would refuse later; the operator should learn it now."""
    (folder / "vigia.yaml").write_text(source_text(), encoding="utf-8")
    result = CliRunner().invoke(command, [])
    assert isinstance(result.exception, SettingsError)
    assert "AMPARO_CONTACT" in str(result.exception)


def test_json_alone_is_a_usage_error(folder: Path) -> None:
    """A service that logs has no result to print."""
    assert CliRunner().invoke(command, ["--json"]).exit_code == 2


def test_exit_status_tells_all_from_some() -> None:
    """Cron mails on it, so it says the same as `amparo crawl` does."""
    assert exit_status_of([]) == 0
    assert exit_status_of(["ok", "ok"]) == 0
    assert exit_status_of(["ok", "failed"]) == 4
    assert exit_status_of(["failed"]) == 5


def environment(folder: Path) -> dict[str, str]:
    """The environment of a real `amparo schedule`, with a database of its own."""
    return {**os.environ, "AMPARO_DATA_DIR": str(folder.parent / "var"), "AMPARO_SOURCES": str(folder)}


def only_ours(folder: Path, sources: list[str]) -> str:
    """A program like `amparo schedule` that knows the given folder's sources alone."""
    return (
        "import sys, sources.catalogue\n"
        f"sources.catalogue.PACKAGED = __import__('pathlib').Path({str(folder.parent / 'packaged')!r})\n"
        "from cli.main import main\n"
        f"sys.argv = ['amparo', 'schedule', *{sources!r}]\n"
        "main()\n"
    )


def runs(folder: Path) -> list[Run]:
    """The runs of vigia, newest first."""
    file = folder.parent / "var" / "amparo.db"
    if not file.exists():
        return []
    database = open_database(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            return RunStore(connection).history("vigia")
    except Exception:
        return []
    finally:
        database.close()


def test_once_crawls_a_real_site_in_a_real_process(folder: Path, base: str) -> None:
    """The whole way: timer, row, process, spider, pipeline, row."""
    (folder / "vigia.yaml").write_text(source_text(base), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", only_ours(folder, ["--once", "--json"])],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"source": "vigia", "status": "ok"}
    assert "crawl ended source=vigia" in done.stderr
    [run] = runs(folder)
    assert (run.status, run.trigger, run.counts["new"]) == ("ok", "schedule", 1)


def test_term_ends_a_crawl_under_way_and_the_scheduler(folder: Path, base: str) -> None:
    """Stopping the service must not wait for a site that does not answer, and leaves no open run."""
    (folder / "vigia.yaml").write_text(source_text(base, "/slow"), encoding="utf-8")
    service = subprocess.Popen(
        [sys.executable, "-c", only_ours(folder, [])],
        cwd=ROOT,
        env=environment(folder),
        stderr=subprocess.PIPE,
    )
    with service:
        deadline = time.monotonic() + 60
        # The crawl has taken its run over when the row holds its own process number.
        while not any(run.pid != service.pid for run in runs(folder)):
            assert time.monotonic() < deadline
            assert service.poll() is None
            time.sleep(0.05)
        [run] = runs(folder)
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)
    assert service.returncode == 0, said
    assert [run.status for run in runs(folder)] == ["interrupted"]
    assert run.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(run.pid, 0)


def test_a_database_that_does_not_answer_is_exit_three_for_once(folder: Path) -> None:
    """Cron should mail that, not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://u:p@127.0.0.1:{taken.getsockname()[1]}/x"
        (folder / "vigia.yaml").write_text(source_text("http://127.0.0.1:9"), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", only_ours(folder, ["--once"])],
            cwd=ROOT,
            env={**environment(folder), "AMPARO_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
