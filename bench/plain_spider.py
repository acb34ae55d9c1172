"""What one would write first: Scrapy, trafilatura in the callback, one sqlite insert a page.

    python bench/plain_spider.py FEED DATABASE [--no-extract]

The yardstick for `bench/crawl.py`. With --no-extract only the download is left: Scrapy alone.
"""

import argparse
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse


class PlainSpider(scrapy.Spider):
    """Follows every link of a feed and stores title and text."""

    name = "plain"

    def __init__(self, feed: str, database: str, extract: bool) -> None:
        super().__init__()
        self.feed, self.extract = feed, extract
        self.connection = sqlite3.connect(database)
        self.connection.execute("CREATE TABLE page (url TEXT PRIMARY KEY, title TEXT, date TEXT, text TEXT)")

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(self.feed, self.parse_feed)

    def parse_feed(self, response: Response) -> Iterator[scrapy.Request]:
        assert isinstance(response, TextResponse)
        for link in re.findall(r"<link>(.*?)</link>", response.text):
            yield scrapy.Request(link, self.parse_page)

    def parse_page(self, response: Response) -> None:
        found = trafilatura.bare_extraction(response.body, with_metadata=True) if self.extract else None
        values = (found.title, found.date, found.text) if found is not None else ("", "", "")  # type: ignore[union-attr]
        self.connection.execute("INSERT INTO page VALUES (?, ?, ?, ?)", (response.url, *values))
        self.connection.commit()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("feed")
    parser.add_argument("database")
    parser.add_argument("--no-extract", action="store_true")
    options = parser.parse_args()
    process = AsyncCrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False})
    process.crawl(PlainSpider, feed=options.feed, database=options.database, extract=not options.no_extract)
    process.start()


if __name__ == "__main__":
    main()
