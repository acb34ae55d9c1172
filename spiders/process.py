"""A crawl as a process of its own: started, watched, ended in time, with everything it started.

The scheduler starts crawls this way so that no page, library or leak of one crawl can stop the
others. Knows nothing of the database.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

CRAWL = (sys.executable, "-m", "cli.main", "crawl")
"""The command that crawls; the source, its run and `--trigger schedule` are added to it."""

TAIL_BYTES = 4000
"""How much of a process's last output is kept to explain its end."""

_ADOPTION = timedelta(seconds=60)
"""How far apart a run's row and the start of the process that was started for it may be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a process ended. `how` is exited, time limit or stopped; `code` below 0 is a signal.

    `tail` is the end of what it wrote on stderr.
    """

    code: int
    how: str
    tail: str


async def supervise(
    command: Sequence[str],
    *,
    seconds: float,
    grace: float,
    stop: asyncio.Event,
    kill: asyncio.Event,
    echo: BinaryIO | None = None,
) -> Ended:
    """Run a command in its own process group and see it end.

    After `seconds`, or when `stop` is set, the group gets TERM; after `grace` seconds more, or
    when `kill` is set, KILL. Whatever the command left running in its group is killed at its
    end. Its stderr goes to `echo` as it comes. Raises OSError when it cannot be started.
    """
    tail = _Tail(echo)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=tail.writing_end,
            start_new_session=True,
        )
    except BaseException:
        tail.close()
        raise
    tail.listen()
    exited = asyncio.create_task(process.wait())
    how = "exited"
    try:
        if not await _any(exited, stop, seconds=seconds):
            how = "stopped" if stop.is_set() else "time limit"
            signal_group(process.pid, signal.SIGTERM)
            if not await _any(exited, kill, seconds=grace):
                signal_group(process.pid, signal.SIGKILL)
        code = await exited
    finally:
        # Also what the process left behind: the number of a group stays taken while one lives.
        signal_group(process.pid, signal.SIGKILL)
        tail.close()
    return Ended(code=code, how=how, tail=tail.text)


async def _any(exited: "asyncio.Task[int]", event: asyncio.Event, *, seconds: float) -> bool:
    """Wait for the exit, the event or the seconds, and say whether it was the exit."""
    signalled = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({exited, signalled}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        signalled.cancel()
    return exited.done()


class _Tail:
    """A pipe that passes on what is written into it and remembers the end.

    Not asyncio's own pipe: its `wait` returns only when every process that inherited the pipe has
    closed it, and a crawl's worker may outlive the crawl.
    """

    def __init__(self, echo: BinaryIO | None) -> None:
        self._reading_end, self.writing_end = os.pipe()
        os.set_blocking(self._reading_end, False)
        self._echo = echo
        self._kept = b""
        self._open = True

    def listen(self) -> None:
        os.close(self.writing_end)
        self.writing_end = -1
        asyncio.get_running_loop().add_reader(self._reading_end, self._read)

    def _read(self) -> None:
        try:
            chunk = os.read(self._reading_end, 65536)
        except BlockingIOError:
            return
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._reading_end)
            return
        self._kept = (self._kept + chunk)[-TAIL_BYTES:]
        if self._echo is not None:
            with contextlib.suppress(OSError, ValueError):
                self._echo.write(chunk)
                self._echo.flush()

    def close(self) -> None:
        """Take what is still in the pipe and close it."""
        if not self._open:
            return
        self._open = False
        if self.writing_end != -1:
            os.close(self.writing_end)
        else:
            self._read()
            asyncio.get_running_loop().remove_reader(self._reading_end)
        os.close(self._reading_end)

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace").strip()


def signal_group(group: int, number: signal.Signals) -> None:
    """Signal a process group; one that is gone, or is not ours, is left alone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty when there are none."""
    try:
        # The name, in parentheses, may hold spaces and parentheses.
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def born(pid: int) -> datetime | None:
    """When the process with that number was started; None when this system does not say."""
    fields = _fields(pid)
    try:
        booted = next(
            line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime")
        )
    except (OSError, StopIteration):
        return None
    if not fields:
        return None
    seconds = int(booted.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(seconds, UTC)


def holds(pid: int | None, started_at: datetime) -> bool:
    """Whether a run that started then with this process number may still be under way here.

    False for a process that is gone, is a zombie, or is younger than the run: its number was
    given out again.
    """
    if not pid or pid < 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if _fields(pid)[:1] == ["Z"]:
        return False
    birth = born(pid)
    return birth is None or birth <= started_at + _ADOPTION


def is_crawl_of(pid: int, started_at: datetime) -> bool:
    """Whether the process was started for that run: about when it began, leading its own group."""
    birth = born(pid)
    if birth is None or abs(birth - started_at) > _ADOPTION:
        return False
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False
