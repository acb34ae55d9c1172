"""Why a request gave no response, in words a run can count and an operator can read."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from core.errors import AmparoError, EgressRefused

FAILED, BLOCKED, ROBOTS, REFUSED = "failed", "blocked", "robots", "refused"

BLOCKING = {
    401: "needs a login",
    402: "asks for payment",
    403: "is forbidden to us",
    407: "wants a proxy login",
    429: "says we ask too often",
    451: "is withheld for legal reasons",
}

NETWORK: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "no answer in time"),
    (CannotResolveHostError, "the host name is not known"),
    (DownloadConnectionRefusedError, "the connection was refused"),
)


def explain(failure: Failure) -> tuple[str, str]:
    """The kind of problem (failed, blocked, robots, refused) and one sentence about it.

    An exception of our middlewares may name its kind itself in an attribute `problem_kind`.
    """
    error = failure.value
    named = getattr(error, "problem_kind", None)
    if isinstance(named, str):
        return named, str(error)
    if isinstance(error, HttpError):
        return _status(error.response.status)
    if isinstance(error, EgressRefused) or isinstance(getattr(error, "__cause__", None), EgressRefused):
        return REFUSED, str(error)
    for known, sentence in NETWORK:
        if isinstance(error, known):
            return FAILED, sentence
    said = str(error) if isinstance(error, IgnoreRequest | AmparoError) else ""
    return FAILED, (said or f"{type(error).__name__}: {error}")[:300]


def _status(status: int) -> tuple[str, str]:
    if status in BLOCKING:
        return BLOCKED, f"HTTP {status}: the address {BLOCKING[status]}"
    return FAILED, f"HTTP {status}"
