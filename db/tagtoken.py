"""Tags as words of the search index: one token a tag, the same on both engines."""

import re
from functools import cache

_OTHER = re.compile(r"[^a-y0-9]")


@cache
def tag_token(tag_id: str) -> str:
    """One letter-and-digit word for a tag id; different ids (case aside) give different words.

    >>> tag_token("topic:deportation-flights")
    'tagtopicz3azdeportationz2dzflights'
    """
    return "tag" + _OTHER.sub(lambda other: f"z{ord(other[0]):x}z", tag_id.lower())
