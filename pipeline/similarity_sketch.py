"""A report packed for exact comparison without its text, and unpacked again.

Kept of a text: the hashes of its three-word shingles in order, where its facts stand and what
they say, and the same of its title. Order lets two texts be laid side by side; a hash of three
words does not give the words back, so an excerpt-only source can be compared like any other.

A text of more than `HEAD` words keeps the shingles of its first `HEAD` words in order and of the
rest only a sample: those whose hash lies below 2**(32 - shift), at most `TAIL` of them.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

HEAD: Final = 6_000
TAIL: Final = 4_096
MOST_FACTS: Final = 3_000
MOST_TITLE_WORDS: Final = 40

Hashes = npt.NDArray[np.uint32]
Short = npt.NDArray[np.uint16]

_HEADER = struct.Struct("<BBHHHHHII8s")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Comparable:
    """What one report brings to a comparison. Made by `unpack`, never by hand.

    `head`: shingle hashes in order. `tail`: a sorted sample of the rest (see `shift`). `words`:
    length of the text. `at`, `fact`, `context`: word position, index into `table` and hash of
    the surroundings of each fact. `title`: word hashes of the title; `title_at`, `title_fact`
    its facts. `unique`: the distinct shingles of the head, sorted.
    """

    version: int
    digest: bytes
    words: int
    shift: int
    head: Hashes
    tail: Hashes
    unique: Hashes
    at: Short
    fact: Short
    context: Short
    title: Hashes
    title_at: Short
    title_fact: Short
    table: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Facts with the positions of the words that state them."""

    at: npt.NDArray[np.int64]
    values: Sequence[str]


def sample_tail(shingles: Hashes) -> tuple[int, Hashes]:
    """The shift and sorted sample that stand for the shingles beyond `HEAD`."""
    rest = np.unique(shingles[HEAD:])
    shift = 0
    while len(rest) > TAIL:
        shift += 1
        rest = rest[: np.searchsorted(rest, np.uint32((1 << (32 - shift)) - 1), side="right")]
    return shift, rest


def pack(
    *,
    version: int,
    digest: bytes,
    words: int,
    shingles: Hashes,
    facts: Placed,
    context: Short,
    title: Hashes,
    title_facts: Placed,
) -> bytes:
    """Bytes that `unpack` reads; all little-endian, about 6 bytes a word of text."""
    shift, tail = sample_tail(shingles) if len(shingles) > HEAD else (0, shingles[:0])
    head, title = shingles[:HEAD], title[:MOST_TITLE_WORDS]
    n = min(MOST_FACTS, int(np.searchsorted(facts.at, HEAD)))
    t = int(np.searchsorted(title_facts.at, MOST_TITLE_WORDS))
    index: dict[str, int] = {}
    numbered = [index.setdefault(v, len(index)) for v in (*facts.values[:n], *title_facts.values[:t])]
    table = "\n".join(index).encode()
    header = _HEADER.pack(
        version, shift, len(head), len(tail), n, len(title), t, words, len(table), digest[:8]
    )
    shorts = np.concatenate((facts.at[:n], numbered[:n], context[:n], title_facts.at[:t], numbered[n:]))
    return b"".join((
        header,
        np.concatenate((head, tail, title)).astype("<u4").tobytes(),
        shorts.astype("<u2").tobytes(),
        table,
    ))  # fmt: skip


def unpack(comparable: bytes) -> Comparable:
    """Read what `pack` wrote. Raises ValueError for bytes that are not of that form."""
    try:
        version, shift, n_head, n_tail, n, n_title, t, words, n_table, digest = _HEADER.unpack_from(
            comparable
        )
        longs = np.frombuffer(comparable, "<u4", n_head + n_tail + n_title, _HEADER.size)
        shorts = np.frombuffer(comparable, "<u2", 3 * n + 2 * t, _HEADER.size + longs.nbytes)
        start = _HEADER.size + longs.nbytes + shorts.nbytes
        table = comparable[start : start + n_table].decode()
    except (struct.error, ValueError) as error:
        raise ValueError(f"not a packed report: {error}") from None
    head = longs[:n_head]
    return Comparable(
        version=version,
        digest=digest,
        words=words,
        shift=shift,
        head=head,
        tail=longs[n_head : n_head + n_tail],
        unique=np.unique(head),
        at=shorts[:n],
        fact=shorts[n : 2 * n],
        context=shorts[2 * n : 3 * n],
        title=longs[n_head + n_tail :],
        title_at=shorts[3 * n : 3 * n + t],
        title_fact=shorts[3 * n + t :],
        table=tuple(table.split("\n")) if table else (),
    )
