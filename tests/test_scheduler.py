"""The scheduler decides purely, and acts on real processes and a real database."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import DatabaseUnavailable
from core.source import Source
from db.engine import Database, open_database
from db.runs import Run, RunStore, UnknownRun
from db.sources import SourceStore
from scheduler import Limits, Scheduler
from tests.spiders.timetable_samples import NOW, a_source

ROOT = Path(__file__).parents[1]
HASTY = Limits(spread=0, grace=5, margin=60, retry=0.05, reconcile=0.1)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database."""
    database = open_database(sqlite_url)
    yield database
    database.close()


def fake_crawl(tmp_path: Path, body: str) -> tuple[str, ...]:
    """A command that stands in for `amparo crawl`; `source` and `run_id` are set in its body."""
    script = tmp_path / "fake_crawl.py"
    head = "import os, signal, sqlite3, sys, time\nsource, run_id = sys.argv[1], int(sys.argv[3])\n"
    script.write_text(head + textwrap.dedent(body))
    return (sys.executable, "-I", "-S", str(script))


def finishing(database: Database, status: str = "ok") -> str:
    """The body of a fake crawl that closes its run."""
    return (
        f"c = sqlite3.connect({str(database.path)!r}, isolation_level=None, timeout=10)\n"
        f"c.execute('UPDATE crawl_run SET status=? WHERE id=?', ({status!r}, run_id))\n"
        "c.close()\n"
    )


def scheduler_of(
    sources: list[Source], database: Database, command: tuple[str, ...], limits: Limits = HASTY
) -> Scheduler:
    """A scheduler on the real clock."""
    return Scheduler(sources, database, clock=lambda: datetime.now(UTC), limits=limits, command=command)


def runs_of(database: Database, source_id: str) -> list[Run]:
    """The runs of a source, newest first."""
    with database.read() as connection:
        return RunStore(connection).history(source_id)


def serve_until(scheduler: Scheduler, met: Callable[[], bool], seconds: float = 20) -> None:
    """Serve until the condition holds, then stop."""

    async def watched() -> None:
        serving = asyncio.create_task(scheduler.serve())
        deadline = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < deadline, "the condition never came true"
            assert not serving.done(), "the scheduler ended by itself"
            await asyncio.sleep(0.02)
        scheduler.stop.set()
        await serving

    asyncio.run(watched())


def test_once_crawls_what_is_due_and_returns(tmp_path: Path, sqlite: Database) -> None:
    """Operators who prefer cron get the same decisions."""
    command = fake_crawl(tmp_path, finishing(sqlite))
    scheduler = scheduler_of([a_source("a"), a_source("b"), a_source("c")], sqlite, command)
    asyncio.run(scheduler.once())
    assert scheduler.ended == {"a": "ok", "b": "ok", "c": "ok"}
    again = scheduler_of([a_source("a"), a_source("b"), a_source("c")], sqlite, command)
    asyncio.run(again.once())
    assert again.ended == {}


def test_the_row_of_a_run_stands_before_its_process_starts(tmp_path: Path, sqlite: Database) -> None:
    """A crawl that dies in its first millisecond must leave a trace."""
    body = (
        f"c = sqlite3.connect({str(sqlite.path)!r})\n"
        "row = c.execute('SELECT status, trigger FROM crawl_run WHERE id=?', (run_id,)).fetchone()\n"
        "print(row, file=sys.stderr); sys.exit(9)"
    )
    asyncio.run(scheduler_of([a_source("a")], sqlite, fake_crawl(tmp_path, body)).once())
    [run] = runs_of(sqlite, "a")
    assert run.status == "failed"
    assert "exit code 9" in run.error
    assert "('running', 'schedule')" in run.error


def test_a_crawl_that_dies_leaves_a_failed_run_with_its_last_words(tmp_path: Path, sqlite: Database) -> None:
    """An import error or a crash must not look like a crawl that goes on for ever."""
    command = fake_crawl(tmp_path, "print('boom: no disk', file=sys.stderr); os.kill(os.getpid(), 9)")
    asyncio.run(scheduler_of([a_source("a")], sqlite, command).once())
    [run] = runs_of(sqlite, "a")
    assert run.status == "failed"
    assert "SIGKILL" in run.error
    assert "boom: no disk" in run.error


def test_a_command_that_cannot_start_is_a_failed_run(tmp_path: Path, sqlite: Database) -> None:
    """A broken installation shows in the runs, not only in a log."""
    asyncio.run(scheduler_of([a_source("a")], sqlite, (str(tmp_path / "absent"),)).once())
    [run] = runs_of(sqlite, "a")
    assert run.status == "failed"
    assert "not started" in run.error


def test_a_crawl_beyond_its_time_limit_is_killed_even_if_it_ignores_term(
    tmp_path: Path, sqlite: Database
) -> None:
    """One hanging site must not hold its place, and its host, for ever."""
    body = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
    limits = replace(HASTY, margin=0.3, grace=0.2)
    source = a_source("slow", time_limit_minutes=0)
    asyncio.run(scheduler_of([source], sqlite, fake_crawl(tmp_path, body), limits).once())
    [run] = runs_of(sqlite, "slow")
    assert (run.status, run.reason) == ("failed", "time limit")
    assert "SIGKILL" in run.error


def test_stop_ends_the_crawls_and_marks_their_runs_interrupted(tmp_path: Path, sqlite: Database) -> None:
    """Systemd's stop must leave nothing behind: no process, no row that says running."""
    command = fake_crawl(
        tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    scheduler = scheduler_of([a_source("a"), a_source("b", host="a.example")], sqlite, command)

    def started() -> bool:
        return (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != ""

    serve_until(scheduler, started)
    [run] = runs_of(sqlite, "a")
    assert run.status == "interrupted"
    assert runs_of(sqlite, "b") == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_stale_run_is_closed_and_its_source_started_again(tmp_path: Path, sqlite: Database) -> None:
    """After a power cut the source must not wait behind a run that nobody holds."""
    gone = subprocess.run(
        [sys.executable, "-S", "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    source = a_source("a", every_minutes=1440)
    now = datetime.now(UTC)
    with sqlite.write() as connection:
        SourceStore(connection).ensure([source], now)
        RunStore(connection).start("a", now=now, pid=int(gone.stdout), trigger="schedule")
    scheduler = scheduler_of([source], sqlite, fake_crawl(tmp_path, finishing(sqlite)))
    serve_until(scheduler, lambda: scheduler.ended == {"a": "ok"})
    assert [run.status for run in runs_of(sqlite, "a")] == ["ok", "interrupted"]


def test_a_recycled_process_number_does_not_keep_a_run_alive(tmp_path: Path, sqlite: Database) -> None:
    """After a reboot the old number belongs to some other program."""
    source = a_source("a")
    with sqlite.write() as connection:
        SourceStore(connection).ensure([source], NOW)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        RunStore(connection).start("a", now=long_ago, pid=os.getppid(), trigger="schedule")
    scheduler = scheduler_of([source], sqlite, fake_crawl(tmp_path, finishing(sqlite)))
    asyncio.run(scheduler.once())
    assert sorted(run.status for run in runs_of(sqlite, "a")) == ["interrupted", "ok"]


def test_a_crawl_whose_scheduler_was_killed_is_ended_at_its_limit(tmp_path: Path, sqlite: Database) -> None:
    """After a kill -9 of the scheduler nobody else would ever end a hanging crawl."""
    source = a_source("a", time_limit_minutes=0)
    sleeper = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleeper, start_new_session=True) as orphan:
        now = datetime.now(UTC)
        with sqlite.write() as connection:
            SourceStore(connection).ensure([source], now)
            RunStore(connection).start("a", now=now, pid=orphan.pid, trigger="schedule")
        limits = replace(HASTY, margin=0, grace=0.01)
        scheduler = scheduler_of([source], sqlite, fake_crawl(tmp_path, finishing(sqlite)), limits)
        time.sleep(0.05)
        asyncio.run(scheduler.once())
        assert orphan.wait(10) == -signal.SIGTERM


def test_a_source_crawled_by_hand_is_put_off_until_that_ends(tmp_path: Path, sqlite: Database) -> None:
    """One crawl a source at a time, whoever started it."""
    source = a_source("a")
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as by_hand:
        now = datetime.now(UTC)
        with sqlite.write() as connection:
            SourceStore(connection).ensure([source], now)
            run_id = RunStore(connection).start("a", now=now, pid=by_hand.pid, trigger="manual")
        scheduler = scheduler_of([source], sqlite, fake_crawl(tmp_path, finishing(sqlite)))
        asked = threading.Event()
        reserve = scheduler._reserve

        def noted(source: Source) -> tuple[int, str]:
            answer = reserve(source)
            if answer[1] == "running" and not asked.is_set():
                asked.set()
                with sqlite.write() as connection:
                    RunStore(connection).mark_interrupted(run_id, now, "ended by hand")
            return answer

        scheduler._reserve = noted  # type: ignore[method-assign]
        serve_until(scheduler, lambda: scheduler.ended == {"a": "ok"})
        assert asked.is_set()
        by_hand.communicate(b"\n")


def test_of_two_schedulers_one_starts_the_crawl(database: Database) -> None:
    """Two machines on one PostgreSQL, or a service started twice, must not crawl twice."""
    source = a_source("a")
    answers: list[tuple[int, str]] = []
    both = threading.Barrier(2)

    def reserve(pid: int) -> None:
        scheduler = Scheduler(
            [source], database, clock=lambda: datetime.now(UTC), command=("absent",), pid=pid
        )
        both.wait()
        answers.append(scheduler._reserve(source))

    threads = [threading.Thread(target=reserve, args=(pid,)) for pid in (os.getpid(), os.getppid())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refused for _, refused in answers) == ["", "running"]


def test_a_database_that_is_down_is_waited_for(tmp_path: Path, sqlite: Database) -> None:
    """The scheduler outlives a restart of PostgreSQL without anybody's help."""
    scheduler = scheduler_of([a_source("a")], sqlite, fake_crawl(tmp_path, finishing(sqlite)))
    failures = iter([DatabaseUnavailable("refused"), DatabaseUnavailable("refused")])

    def fail_first(job: Callable[..., Any]) -> Callable[..., Any]:
        def job_or_failure(*arguments: Any) -> Any:
            for failure in failures:
                raise failure
            return job(*arguments)

        return job_or_failure

    scheduler._begin = fail_first(scheduler._begin)  # type: ignore[method-assign]
    serve_until(scheduler, lambda: scheduler.ended == {"a": "ok"})
    failures = iter([DatabaseUnavailable("refused")])
    another = scheduler_of([a_source("b")], sqlite, fake_crawl(tmp_path, finishing(sqlite)))
    another._reserve = fail_first(another._reserve)  # type: ignore[method-assign]
    serve_until(another, lambda: another.ended == {"b": "ok"})


def test_once_tells_of_a_crawl_that_could_not_be_started(tmp_path: Path, sqlite: Database) -> None:
    """Cron must not read success where nothing was crawled."""
    scheduler = scheduler_of([a_source("a")], sqlite, fake_crawl(tmp_path, finishing(sqlite)))

    def refuse(source: Source) -> tuple[int, str]:
        raise DatabaseUnavailable("refused")

    scheduler._reserve = refuse  # type: ignore[method-assign]
    asyncio.run(scheduler.once())
    assert scheduler.ended == {"a": "not started"}


def test_a_run_that_was_closed_is_not_taken_over(sqlite: Database) -> None:
    """A crawl that wakes up after its run was given up must not run beside its successor."""
    with sqlite.write() as connection:
        SourceStore(connection).ensure([a_source("a")], NOW)
        runs = RunStore(connection)
        run_id = runs.start("a", now=NOW, pid=1, trigger="schedule")
        runs.mark_interrupted(run_id, NOW, "gone")
        with pytest.raises(UnknownRun):
            runs.start("a", now=NOW, pid=2, trigger="schedule", run_id=run_id)


def test_term_stops_the_scheduler_process_with_exit_code_zero(tmp_path: Path, sqlite: Database) -> None:
    """The way systemd, Docker and Ctrl-C end it."""
    command = fake_crawl(tmp_path, "time.sleep(60)")
    script = tmp_path / "service.py"
    script.write_text(
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        "from test_scheduler import HASTY, a_source, open_database, scheduler_of\n"
        "from scheduler import run_scheduler\n"
        f"database = open_database('sqlite:///{sqlite.path}')\n"
        f"run_scheduler(scheduler_of([a_source('a')], database, {command!r}))\n"
    )
    with subprocess.Popen([sys.executable, str(script)]) as service:
        deadline = time.monotonic() + 30
        while not runs_of(sqlite, "a"):
            assert time.monotonic() < deadline
            assert service.poll() is None
            time.sleep(0.05)
        service.send_signal(signal.SIGTERM)
        assert service.wait(20) == 0
    assert [run.status for run in runs_of(sqlite, "a")] == ["interrupted"]
