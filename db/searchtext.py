"""The words of a text as PostgreSQL indexes them, folded as SQLite's FTS5 folds them.

FTS5 ("unicode61 remove_diacritics 2") drops case and accents by itself, n-tilde included.
PostgreSQL folds by locale or by extensions that may be missing, so it is given folded words.
"""

import re
import unicodedata

from core.text import fold

LONGEST_INDEXED = 250_000
"""Characters of one text that PostgreSQL indexes; a tsvector may not pass 1 MB."""

_NOT_A_WORD = re.compile(r"[\W_]+")


def index_text(text: str) -> str:
    """Folded words parted by single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = fold(text).replace("ñ", "n")
    else:
        text = text.lower()
    return _NOT_A_WORD.sub(" ", text[:LONGEST_INDEXED]).strip()
