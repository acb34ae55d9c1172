"""A source and pages for the tests of extraction."""

from datetime import UTC, datetime

from core.report import Listed, Page
from core.source import FeedParams, Kind, PublisherType, Source

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def source(**changes: object) -> Source:
    """An invented newspaper."""
    values: dict[str, object] = {
        "id": "sv-faro-norte",
        "name": "Faro del Norte",
        "publisher_type": PublisherType.MEDIA,
        "country": "SV",
        "languages": ("es",),
        "kind": Kind.FEED,
        "params": FeedParams(urls=("https://farodelnorte.example/feed",)),
        "timezone": "America/El_Salvador",
    }
    return Source(**{**values, **changes})  # type: ignore[arg-type]


def page(body: bytes | str, **changes: object) -> Page:
    """A page of that newspaper as it was received."""
    url = str(changes.pop("url", "https://farodelnorte.example/nota"))
    values: dict[str, object] = {
        "source_id": "sv-faro-norte",
        "url_requested": url,
        "url": url,
        "listed": Listed(url=url),
        "fetched_at": NOW,
        "status": 200,
        "content_type": "text/html",
        "body": body if isinstance(body, bytes) else body.encode(),
        "digest": "0" * 64,
    }
    return Page(**{**values, **changes})  # type: ignore[arg-type]
