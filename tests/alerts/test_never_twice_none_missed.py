"""The same promise with the real database, mails and failures, over any order of what happens."""

import email
import re
import shutil
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts import run
from alerts.delivering import BOUNCES
from alerts.smtp import Accepted, Refused, ServerTrouble, Verdict
from db.engine import open_database
from db.outbox import LEASE
from tests.alerts.world import World, settings_in

TAGS = ("prison-conditions", "deportation-flights")
ITEM = re.compile(r"Body (\d) v(\d+)\.")


class Cut(BaseException):
    """The process ends between the server's 250 and our commit."""


class FakeServer:
    """Takes, refuses or vanishes as the next of its orders says; keeps what it took by Message-ID."""

    orders: list[str]
    taken: dict[str, tuple[str, bytes]]
    disowned: set[str]
    """Taken in a round that was cut off, and refused for good when it was tried again: whether the
    reader has it cannot be known, so what it carried is owed, and may come twice."""

    def __init__(self, _server: object) -> None:
        pass

    def send(self, _sender: str, to: str, mail: bytes) -> Verdict:
        order = FakeServer.orders.pop(0) if FakeServer.orders else "take"
        found = re.search(rb"^Message-ID: (\S+)", mail, re.MULTILINE)
        assert found is not None
        name = found[1].decode()
        if order == "refuse" and name in FakeServer.taken:
            FakeServer.disowned.add(name)
        if order == "refuse":
            return Refused(reason="550 no", final=True)
        if order == "later":
            return Refused(reason="451 later", final=False)
        if order == "down":
            raise ServerTrouble("down")
        if name in FakeServer.taken:
            assert FakeServer.taken[name] == (to, mail)
        FakeServer.taken[name] = (to, mail)
        if order == "cut":
            raise Cut
        return Accepted()

    def close(self) -> None:
        pass


steps = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(
        st.just("round"),
        st.lists(st.sampled_from(["take", "refuse", "later", "down", "cut"]), max_size=3),
        st.sampled_from([5, 60, 60 * 11, 60 * 25]),
    ),
)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, max_size=14))
def test_no_version_twice_and_none_missed(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, happening: list[tuple[str, object, int]]
) -> None:
    """Whatever the order of crawls, edits, refusals, outages, crashes and digests."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copyfile(sqlite_template, folder / "amparo.db")
    database = open_database(f"sqlite:///{folder / 'amparo.db'}")
    world = World(database=database, settings=settings_in(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "MailServer", FakeServer)
        # A paused address waits for a person; that is another test.
        patch.setattr("alerts.delivering.BOUNCES", 10**6)
        assert BOUNCES == 3
        FakeServer.taken, FakeServer.orders, FakeServer.disowned = {}, [], set()
        readers = {
            world.subscribe("ana@example.org", query=f"tag:{TAGS[0]}", frequency="at-once").id: {0},
            world.subscribe("bea@example.org", query=f"tag:{TAGS[1]}", hour=7).id: {1},
            world.subscribe("carla@example.org", query="", frequency="at-once").id: {0, 1},
        }
        world.subscribe("carla@example.org", query=f"tag:{TAGS[0]}", hour=7)
        _play(world, happening)
        versions = _drain(world)
    database.close()
    _check(versions, list(zip(("ana", "bea", "carla"), readers.values(), strict=True)))


Versions = dict[int, list[tuple[int, bool]]]
"""Report -> for each version its tag and whether a round ran while it was the current one."""


def _play(world: World, happening: list[tuple[str, object, int]]) -> None:
    PLAYED.clear()
    for what, value, number in happening:
        if what == "publish":
            assert isinstance(value, int)
            wordings = PLAYED.setdefault(value, [])
            wordings.append((number, False))
            said = " ".join(f"w{value}x{n}" for n in range(60))
            text = f"Body {value} v{len(wordings)}. {said}"
            world.publish(f"r{value}", title=f"Report {value}", text=text, tags=(TAGS[number],))
        else:
            assert isinstance(value, list)
            world.later(minutes=number)
            _round(world, list(value))


PLAYED: Versions = {}


def _round(world: World, orders: list[str]) -> None:
    FakeServer.orders = orders
    for report_id, wordings in PLAYED.items():
        tag, _ = wordings[-1]
        PLAYED[report_id][-1] = (tag, True)
    try:
        world.send()
    except Cut:
        world.later(seconds=LEASE.total_seconds())
    FakeServer.orders = []


def _drain(world: World) -> Versions:
    """Rounds without a fault until everything that is owed has come."""
    for _ in range(6):
        world.later(hours=26)
        _round(world, [])
    return dict(PLAYED)


def _check(versions: Versions, readers: list[tuple[str, set[int]]]) -> None:
    for name, tags in readers:
        told: list[tuple[int, int]] = []
        for name_of_mail, (to, mail) in FakeServer.taken.items():
            if name_of_mail in FakeServer.disowned:
                continue
            if to == f"{name}@example.org":
                part = email.message_from_bytes(mail, policy=default).get_body(("plain",))
                assert part is not None
                new = part.get_content().partition("\r\n-- \r\n")[0]
                told += _new_wordings(new)
                # Every edit of this world differs from the wording before: an edit that shows
                # no difference is a version that was told before.
                assert "Small changes of wording" not in new
        assert len(told) == len(set(told)), (name, told)
        for report_id, wordings in versions.items():
            seen = [number for number, (tag, met) in enumerate(wordings, 1) if tag in tags and met]
            if seen:
                assert any(r == report_id and v >= seen[-1] for r, v in told), (name, report_id, told)


def _new_wordings(text: str) -> list[tuple[int, int]]:
    """The wordings a mail tells: what it quotes of the one before stands after `Was`."""
    flat = " ".join(text.split())
    flat = re.sub(r"- Was \([a-z]+\): .*?(?=\+ Now:)", "", flat)
    return [(int(report), int(version)) for report, version in ITEM.findall(flat)]
