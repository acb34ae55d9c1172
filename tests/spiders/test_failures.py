"""Why a request gave no response: said in words an operator can act on."""

import pytest
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from core.errors import EgressRefused
from spiders.failures import explain


def _answer(status: int, **headers: str) -> HttpError:
    response = Response("https://a.example/1", status=status, headers=headers)
    return HttpError(response, "Ignoring non-200 response")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (_answer(403), "blocked", "HTTP 403: the address is forbidden to us"),
        (_answer(500), "failed", "HTTP 500"),
        (_answer(302, Location="ftp://a.example/x"), "failed", "HTTP 302: it leads to 'ftp://a.example/x'"),
        (_answer(302), "failed", "HTTP 302: it leads to ''"),
        (DownloadCancelledError(), "failed", "the answer is larger than 30 MB"),
        (IgnoreRequest("exceeded DOWNLOAD_MAXSIZE (9 B)"), "failed", "larger than 30 MB when unpacked"),
        (ResponseDataLossError(), "failed", "the answer broke off"),
        (EgressRefused("http://a.example: port 22"), "refused", "port 22"),
        (RuntimeError("odd"), "failed", "RuntimeError: odd"),
    ],
)
def test_failed_request_is_told_in_plain_words(error: Exception, kind: str, words: str) -> None:
    """Names of exceptions, and sentences that end in a colon, tell an operator nothing."""
    failure = Failure(error)  # type: ignore[no-untyped-call]
    assert explain(failure)[0] == kind
    assert words in explain(failure)[1]
