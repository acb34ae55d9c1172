"""What the resolver remembers, and how long it waits."""

import asyncio
import socket
from collections.abc import Awaitable
from typing import Any

import pytest

from spiders.loop import event_loop
from spiders.resolver import GuardedResolver


def wait(awaitable: Awaitable[Any]) -> Any:
    return event_loop()[0].run_until_complete(awaitable)


def answer(monkeypatch: pytest.MonkeyPatch, asked: list[str], seconds: float = 0.0) -> None:
    async def getaddrinfo(host: str, port: object, **_: object) -> list[Any]:
        asked.append(host)
        await asyncio.sleep(seconds)
        if host == "nowhere.example":
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 0))] * 2

    monkeypatch.setattr(event_loop()[0], "getaddrinfo", getaddrinfo)


def test_answer_is_asked_for_once_and_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crawl asks one host a hundred times."""
    asked: list[str] = []
    answer(monkeypatch, asked)
    resolver = GuardedResolver()
    assert [str(one) for one in wait(resolver.addresses("a.example"))] == ["1.1.1.1"]
    wait(resolver.addresses("a.example"))
    assert asked == ["a.example"]


def test_name_without_an_answer_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing name server may be back a moment later."""
    asked: list[str] = []
    answer(monkeypatch, asked)
    resolver = GuardedResolver()
    assert wait(resolver.addresses("nowhere.example")) == ()
    wait(resolver.addresses("nowhere.example"))
    assert asked == ["nowhere.example"] * 2


def test_name_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One dead name must not hold a crawl."""
    answer(monkeypatch, [], seconds=30)
    assert wait(GuardedResolver(seconds=0.05).addresses("slow.example")) == ()
