"""Items that wait in a file while the database is down, for a later run to store.

A record is one line: length in bytes, CRC-32, JSON. A record that a crash cut short is told from
a whole one by these. Whoever appends to a file or replays it holds its lock.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import AmparoError
from pipeline.items import WriteItem
from pipeline.plain import item_from_plain, to_plain

SUFFIX = ".spool"
DAMAGED = ".damaged"


class SpoolDamaged(AmparoError):
    """A record of a spool file cannot be read."""


class Spool:
    """The spool file of one process. Made on the first append, in a folder it shares."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream: BinaryIO | None = None
        self.path: Path | None = None

    def append(self, items: Sequence[WriteItem], now: datetime) -> Path:
        """Keep items so that a power cut does not lose them. Returns the file they are in."""
        records = b"".join(_record(item) for item in items)
        stream, path = self._open(now)
        stream.write(records)
        stream.flush()
        os.fsync(stream.fileno())
        return path

    def close(self) -> None:
        """Let others replay what was appended."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None

    def _open(self, now: datetime) -> tuple[BinaryIO, Path]:
        if self._stream is None or self.path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.path = self._folder / f"{now:%Y%m%dT%H%M%S.%f}-{os.getpid()}{SUFFIX}"
            self._stream = self.path.open("ab")
            fcntl.flock(self._stream, fcntl.LOCK_EX)
            _sync_folder(self._folder)
        return self._stream, self.path


def waiting(folder: Path) -> list[Path]:
    """The spool files of a folder, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Whether the file is ours alone for the length of the block: nobody appends or replays."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        yield False
        return
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield path.exists()


def read_spool(path: Path) -> Iterator[WriteItem | SpoolDamaged]:
    """The items of a file in order; in the place of an unreadable record, why it is unreadable."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield _item(line)
            except (ValueError, TypeError, KeyError) as error:
                yield SpoolDamaged(f"{path.name}, record {number}: {error}")


def remove(path: Path, *, damaged: bool) -> None:
    """Take a replayed file out of the way; one with an unreadable record is renamed and kept."""
    if damaged:
        path.rename(path.with_suffix(DAMAGED))
    else:
        path.unlink()
    _sync_folder(path.parent)


def _record(item: WriteItem) -> bytes:
    # ASCII: a lone surrogate in a broken page has no UTF-8.
    body = json.dumps(to_plain(item), ensure_ascii=True, separators=(",", ":")).encode()
    return b"%d %08x %b\n" % (len(body), zlib.crc32(body), body)


def _item(line: bytes) -> WriteItem:
    length, checksum, body = line.split(b" ", 2)
    body = body.removesuffix(b"\n")
    if len(body) != int(length) or zlib.crc32(body) != int(checksum, 16):
        raise ValueError("cut short or changed")
    return item_from_plain(json.loads(body))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
