"""Readers for the pool's tests: what a page can do to the process that reads it."""

import os
import signal
import time
from pathlib import Path

from core.report import Page, Quarantined
from core.source import Source


def by_word(page: Page, source: Source) -> Quarantined:
    """Do what the page's body says, then answer with the process that did it."""
    word = page.body.decode()
    if word == "hang":
        time.sleep(600)
    elif word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "exit":
        os._exit(7)
    elif word == "eat":
        _eat()
    elif word == "raise":
        raise ValueError("no such thing")
    elif word.startswith("note:"):
        Path(word.removeprefix("note:")).write_text(str(os.getpid()), encoding="ascii")
        time.sleep(600)
    return Quarantined(source_id=source.id, url=page.url, step="test", reason=str(os.getpid()))


def _eat() -> None:
    held = []
    while True:
        held.append(bytes(256 * 1024 * 1024))
