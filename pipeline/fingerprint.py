"""Last pure step: give a report what near-duplicates share, without keeping its text.

Word three-shingles, a MinHash of 42 bands of 3 values each, an exact digest of the normalised
wording, and the packed form that `pipeline.similarity.compare` reads. The decision record
`docs/decisions/0005-near-duplicates.md` says why.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from core.report import Fingerprint, Report
from pipeline.similarity_boilerplate import drop_boilerplate, drop_site_name
from pipeline.similarity_facts import Facts, contexts, find_facts, find_title_facts
from pipeline.similarity_sketch import Hashes, Placed, pack
from pipeline.similarity_words import HASH, Words, clean, split

SIGNATURE_VERSION: Final = 1
"""Raised whenever the same text would give another digest, band or packed form."""

BANDS: Final = 42
ROWS: Final = 3
FEWEST_SHINGLES: Final = 8
"""Below this a text has no bands: only equal wording makes it a duplicate."""

_BLOCK = 4_096


def _seeds(count: int) -> npt.NDArray[np.uint64]:
    """Fixed pseudo-random numbers (splitmix64), the same on every machine and in every version."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


_SEEDS = _seeds(2 * BANDS * ROWS + BANDS)
_FACTORS = (_SEEDS[: BANDS * ROWS] >> np.uint64(32)).astype(np.uint32)[:, None] | np.uint32(1)
_OFFSETS = (_SEEDS[BANDS * ROWS : 2 * BANDS * ROWS] >> np.uint64(32)).astype(np.uint32)[:, None]
_BAND_SALT = _SEEDS[2 * BANDS * ROWS :]
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))


def shingle(words: Words) -> Hashes:
    """A 32-bit hash of every three words in a row, in order."""
    h = (words.codes & HASH).astype(np.uint64)
    if len(h) < 3:
        return np.zeros(0, np.uint32)
    mixed = h[:-2] * _MIX[0] + h[1:-1] * _MIX[1] + h[2:] * _MIX[2]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[1]
    hashes: Hashes = (mixed >> np.uint64(32)).astype(np.uint32)
    return hashes


def band_keys(shingles: Hashes) -> tuple[int, ...]:
    """42 signed 64-bit keys, each of 3 minima and its band number: a key never meets another band's."""
    minima = np.full(BANDS * ROWS, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(shingles), _BLOCK):
        hashed = shingles[None, start : start + _BLOCK] * _FACTORS
        hashed += _OFFSETS
        np.minimum(minima, hashed.min(axis=1), out=minima)
    rows = minima.reshape(BANDS, ROWS).astype(np.uint64)
    keys = rows[:, 0] * _MIX[0] + rows[:, 1] * _MIX[1] + rows[:, 2] * _MIX[2] + _BAND_SALT
    keys = (keys ^ (keys >> np.uint64(31))) * _MIX[0]
    keys ^= keys >> np.uint64(29)
    return tuple(keys.view(np.int64).tolist())


def _digest(title: Words, text: Words, unsaid: Sequence[str]) -> str:
    """Hex of the wording: the text, and of the title what the text does not say.

    A text too short to compare is told apart by its whole title as well. No words, no digest.
    """
    short = len(text) < FEWEST_SHINGLES + 2
    if short and len(text) + len(title) == 0:
        return ""
    state = blake2b((text.codes & HASH).astype("<u4").tobytes(), digest_size=16)
    state.update(b"\0")
    state.update((title.codes & HASH).astype("<u4").tobytes() if short else "\n".join(unsaid).encode())
    return state.hexdigest()


def fingerprint(title: str, text: str) -> Fingerprint:
    """What a copy of this report would share. Pure; the same bytes on every machine.

    `digest` is empty when there is no word at all: an empty digest equals nothing.
    """
    cleaned = clean(text)
    words = split(drop_boilerplate(cleaned))
    if len(words) < FEWEST_SHINGLES + 2:
        words = split(cleaned)
    facts = find_facts(words)
    headline = split(drop_site_name(clean(title)))
    headline_facts = find_title_facts(headline, frozenset(facts.values))
    digest = _digest(headline, words, _unsaid(headline_facts, facts))
    shingles = shingle(words)
    packed = pack(
        version=SIGNATURE_VERSION,
        digest=bytes.fromhex(digest)[:8],
        words=len(words),
        shingles=shingles,
        facts=Placed(at=facts.at, values=facts.values),
        context=contexts(words, facts),
        title=(headline.codes & HASH).astype(np.uint32),
        title_facts=Placed(at=headline_facts.at, values=headline_facts.values),
    )
    bands = band_keys(shingles) if len(shingles) >= FEWEST_SHINGLES else ()
    return Fingerprint(version=SIGNATURE_VERSION, digest=digest, bands=bands, comparable=packed)


def _unsaid(title: Facts, text: Facts) -> list[str]:
    said = {value[1:] for value in text.values}
    return sorted({value for value in title.values if value[0] != "?" and value[1:] not in said})


def add_fingerprint(report: Report) -> Report:
    """The step: the report with its fingerprint."""
    return replace(report, fingerprint=fingerprint(report.title, report.text))
