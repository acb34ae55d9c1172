"""The event loop that Scrapy, the database threads and the extraction pool share."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from spiders.resolver import GuardedResolver


@cache
def event_loop() -> tuple[asyncio.AbstractEventLoop, GuardedResolver]:
    """The loop of this process with Twisted's reactor on it, started, and its only resolver.

    The reactor is started here and not run: the loop is ours, so that a crawl is a coroutine
    that returns, as often as one likes, and not a process that ends.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    from twisted.internet import asyncioreactor

    asyncioreactor.install(eventloop=loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor
    from twisted.python.log import PythonLoggingObserver

    resolver = GuardedResolver()
    PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]
    reactor.installNameResolver(resolver)
    reactor.startRunning(installSignalHandlers=False)
    return loop, resolver


@contextmanager
def signals_call(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call `stop` instead of ending the process; a second one ends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        for number in numbers:
            # Puts back what ends the process: KeyboardInterrupt, and for SIGTERM the system's own.
            loop.remove_signal_handler(number)
        stop()

    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, first)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
