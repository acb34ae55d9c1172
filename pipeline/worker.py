"""Inside an extraction worker: limits on the process, then one page after another.

The extraction and its rules are imported here, never in the process that crawls.
"""

import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

from core.errors import AmparoError
from core.report import Page, Quarantined, Report
from core.source import Source
from pipeline.quarantine import explain, quarantined

# Beyond what the process holds when it is ready. The largest real page needed 0.4 GB.
MEMORY = 2 * 1024**3
# The kernel ends a worker this long after its page's limit, should nobody else be left to do it.
_GRACE = 10.0
_PR_SET_PDEATHSIG = 1

Reader = Callable[[Page, Source], Report | Quarantined]


def _end_with_parent() -> None:
    """No worker outlives the crawl, even one that was killed with SIGKILL.

    On Linux the kernel sends SIGKILL; elsewhere a thread waits for the end of the parent, which
    a page stuck in C code can delay until the alarm of `read`.
    """
    parent = parent_process()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent is not None and os.getppid() != parent.pid:
            os._exit(1)
    if parent is not None:
        sentinel = parent.sentinel

        def watch() -> None:
            wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _limit_memory() -> None:
    try:
        statm = Path("/proc/self/statm").read_text(encoding="ascii")
    except OSError:
        return
    held = int(statm.split()[0]) * resource.getpagesize()
    limit = held + MEMORY
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )


def _packaged_reader() -> Reader:
    from pipeline.process import read_safely

    return read_safely


def prepare(reader: Reader | None) -> None:
    """Called once as the worker starts, before its memory is limited to what pages may need."""
    # A terminated worker must go at once, also from within C code.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _end_with_parent()
    if reader is None:
        _warm_up()
    # The rules stay for good, and a page's tree makes many short-lived objects: looking through all
    # of them for cycles took 4 % of the time of 46 real pages.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    _limit_memory()


def _warm_up() -> None:
    """Load the rules before the first page's clock runs; a fault in them is told by that page."""
    from pipeline.process import load_rules

    with contextlib.suppress(AmparoError):
        load_rules()


def read(page: Page, source: Source, seconds: float, reader: Reader | None) -> Report | Quarantined:
    """One page, under an alarm that ends the process if the pool does not.

    Raises only an AmparoError, for faults that are not the page's.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
    try:
        return (reader or _packaged_reader())(page, source)
    except AmparoError:
        raise
    except BaseException as error:
        # Also SystemExit and the like: a page must not end the crawl with them.
        return quarantined(page, explain(error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
