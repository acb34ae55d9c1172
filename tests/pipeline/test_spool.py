"""The spool file: every item comes back as it went in, and a torn record is told from a whole one."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.event import SOURCE_EMPTY, Event
from core.report import Quarantined
from core.source import ApiParams, Kind
from pipeline.items import EventItem, QuarantineItem, VisitItem, WriteItem
from pipeline.plain import from_plain, to_plain
from pipeline.spool import Spool, SpoolDamaged, locked, read_spool, remove, waiting
from tests.db.samples import NOW, item, prose, report, source, visit

A = "https://vigia.example/a"
API = replace(
    source(),
    kind=Kind.API,
    params=ApiParams(urls=(A,), items="data", fields={"url": "u"}, params={"q": ("a", "b")}),
)
BAD = Quarantined(source_id="vigia", url=A, step="extract", reason="no text \ud800")
ITEMS: list[WriteItem] = [
    item(report(A, prose("uno"), published=NOW)),
    item(report(A, "ñandú\n“comillas”\x00\ud800"), API),
    QuarantineItem(quarantined=BAD, visit=visit(A)),
    VisitItem(visit=visit(A)),
    EventItem(event=Event(kind=SOURCE_EMPTY, at=NOW, source_id="vigia", detail={"listed": 0})),
]


def test_every_item_comes_back_as_it_went_in(tmp_path: Path) -> None:
    """A replay must store exactly what the crawl would have stored."""
    spool = Spool(tmp_path)
    spool.append(ITEMS[:2], NOW)
    path = spool.append(ITEMS[2:], NOW)
    spool.close()
    assert list(read_spool(path)) == ITEMS


def test_record_cut_short_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    """A power cut tears the last record, and only that."""
    spool = Spool(tmp_path)
    path = spool.append(ITEMS, NOW)
    spool.close()
    path.write_bytes(path.read_bytes()[:-40])
    found = list(read_spool(path))
    assert found[:-1] == ITEMS[:-1]
    assert isinstance(found[-1], SpoolDamaged)
    assert "record 5" in str(found[-1])


def test_changed_record_is_reported(tmp_path: Path) -> None:
    """A checksum tells a flipped bit from an item."""
    spool = Spool(tmp_path)
    path = spool.append(ITEMS[3:4], NOW)
    spool.close()
    path.write_bytes(path.read_bytes().replace(b"vigia", b"vigib"))
    assert isinstance(next(read_spool(path)), SpoolDamaged)


def test_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    """What cannot be read by us may be read by a person."""
    spool = Spool(tmp_path)
    path = spool.append(ITEMS, NOW)
    spool.close()
    remove(path, damaged=True)
    assert waiting(tmp_path) == []
    assert len(list(tmp_path.glob("*.damaged"))) == 1


def test_file_in_use_is_left_alone(tmp_path: Path) -> None:
    """Another crawl still appends to it."""
    spool = Spool(tmp_path)
    path = spool.append(ITEMS, NOW)
    with locked(path) as ours:
        assert not ours
    spool.close()
    with locked(path) as ours:
        assert ours


def test_only_the_vocabulary_is_spooled() -> None:
    """Reading a spool file must never run what is written in it."""
    with pytest.raises(TypeError):
        to_plain(Path())
    with pytest.raises(ValueError, match="Path is not a class"):
        from_plain({"$is": "Path"})
