"""Keeps what a site answered in a folder, for `amparo sources record` and `new`. Off in a crawl."""

import json
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from spiders.middlewares.robots import MARK
from spiders.settings import DOWNLOADER_MIDDLEWARES

FOLDER = "AMPARO_RECORD_FOLDER"
PLACE = 580
"""After decompression and before the challenge guard, so that a challenge page is kept too."""


class Recorder:
    """Writes each answer as NNN.body, and what was asked as NNN.json beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Path(crawler.settings[FOLDER]))

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer, unless it is robots.txt or a redirect."""
        if MARK not in request.meta and not 300 <= response.status < 400:
            number = sum(1 for _ in self._folder.glob("*.body"))
            index = request.meta.get("index")
            told = {
                "url": response.url,
                "status": response.status,
                "content_type": (response.headers.get("Content-Type") or b"").decode("latin-1"),
                "role": "page" if "listed" in request.meta else "index",
                "further": index is not None and (index.page > 1 or index.depth > 0),
            }
            (self._folder / f"{number:03}.body").write_bytes(response.body)
            (self._folder / f"{number:03}.json").write_text(json.dumps(told), encoding="utf-8")
        return response


def recording(folder: Path) -> dict[str, Any]:
    """The settings that switch the recorder on."""
    name = f"{Recorder.__module__}.{Recorder.__qualname__}"
    return {"DOWNLOADER_MIDDLEWARES": {**DOWNLOADER_MIDDLEWARES, name: PLACE}, FOLDER: str(folder)}
