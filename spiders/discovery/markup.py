"""Text out of the small pieces of HTML that indexes carry in titles and summaries."""

import re
from html import unescape

from pipeline.charset import tidy

_TAG = re.compile(r"<(?:!--.*?--|/?[A-Za-z][^<>]*)>", re.S)
LONGEST = 20_000


def plain(written: object) -> str:
    """One line of text: tags removed, entities resolved (twice: feeds escape them again), spaces unified."""
    if not isinstance(written, str):
        return "" if written is None or isinstance(written, dict | list) else str(written)
    text = _TAG.sub(" ", written[:LONGEST]) if "<" in written else written[:LONGEST]
    text = unescape(text)
    if "&" in text:
        text = unescape(text)
    return " ".join(tidy(text).split())
