"""Why a request gave no response, in words a run can count and an operator can read."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from core.errors import AmparoError, EgressRefused
from spiders.settings import MAX_BODY

FAILED, BLOCKED, ROBOTS, REFUSED = "failed", "blocked", "robots", "refused"

BLOCKING = {
    401: "needs a login",
    402: "asks for payment",
    403: "is forbidden to us",
    407: "wants a proxy login",
    429: "says we ask too often",
    451: "is withheld for legal reasons",
}

TOO_LARGE = f"the answer is larger than {MAX_BODY // 1024 // 1024} MB"

NETWORK: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "no answer in time"),
    (CannotResolveHostError, "the host name is not known"),
    (DownloadConnectionRefusedError, "the connection was refused"),
    (DownloadCancelledError, TOO_LARGE),
    (ResponseDataLossError, "the answer broke off"),
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
        return _status(error.response)
    if isinstance(error, EgressRefused) or isinstance(getattr(error, "__cause__", None), EgressRefused):
        return REFUSED, str(error)
    for known, sentence in NETWORK:
        if isinstance(error, known):
            return FAILED, sentence
    if isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error):
        return FAILED, f"{TOO_LARGE} when unpacked"
    said = str(error) if isinstance(error, IgnoreRequest | AmparoError) else ""
    return FAILED, (said or f"{type(error).__name__}: {error}")[:300]


def _status(response: Response) -> tuple[str, str]:
    status = response.status
    if 300 <= status < 400:
        # Scrapy follows what leads to a web page; what is left does not.
        target = (response.headers.get("Location") or b"").decode("latin-1")
        return FAILED, f"HTTP {status}: it leads to {target[:200]!r}, which is not followed"
    if status in BLOCKING:
        return BLOCKED, f"HTTP {status}: the address {BLOCKING[status]}"
    return FAILED, f"HTTP {status}"
