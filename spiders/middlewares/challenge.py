"""A page that asks to prove we are no robot is a block, never an item and never an empty index."""

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from pipeline.challenge import is_challenge

STATUSES = frozenset({200, 202, 401, 403, 405, 429, 503})
"""The statuses such pages were seen with; another one says enough by itself."""


class Challenged(IgnoreRequest):
    """The site answered with a challenge page."""

    problem_kind = "blocked"


class ChallengeGuard:
    """Raises for challenge pages, before anybody retries or reads them."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer, or Challenged with what gave it away."""
        if response.status not in STATUSES or not _is_markup(response):
            return response
        headers = {name.decode("latin-1"): _text(values) for name, values in response.headers.items()}
        reason = is_challenge(response.status, headers, response.body)
        if reason:
            raise Challenged(f"HTTP {response.status}, a challenge page: {reason}")
        return response


def _text(values: object) -> str:
    last = values[-1] if isinstance(values, list) and values else values
    return last.decode("latin-1") if isinstance(last, bytes) else str(last or "")


def _is_markup(response: Response) -> bool:
    kind = (response.headers.get("Content-Type") or b"").lower()
    return b"html" in kind or (not kind and response.body.lstrip()[:1] == b"<")
