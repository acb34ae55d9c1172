"""Fourth step: the language a report is written in."""

from dataclasses import replace
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from core.report import Report

# The languages our sources write in, their neighbours that are mistaken for them, and the
# languages of the people concerned.
LANGUAGES = ("ar", "ca", "de", "en", "es", "eu", "fr", "gl", "ht", "it", "nl", "pt", "qu", "ru", "zh")
_READ = 1500
_LEAST = 20
_SHORT = 200
# Below this share of the probability a hint that is among the first two decides.
_SURE = 0.9

# Nearly everything we read is English or Spanish. Words that only one language has, counted, settle
# that in a tenth of the time of the model, which is asked whenever the count is not clear. `los`,
# `y` and the others are in no neighbour of Spanish (Catalan, Galician, Portuguese, Italian, French).
_ONLY = {
    "en": (frozenset(("the", "and", "of", "to", "was", "that", "with")), 0.10),
    "es": (frozenset(("los", "las", "y", "fue", "según", "pero", "sus", "más")), 0.04),
}
_FEWEST_WORDS = 40
# More of the other language than this, and the text may be mixed.
_FOREIGN = 0.01


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


def normal_code(code: str | None) -> str | None:
    """The two-letter code out of `es-SV`, `en_US`, `ES`; None for anything else."""
    start = (code or "").strip().lower().replace("_", "-").partition("-")[0]
    return start if len(start) == 2 and start.isalpha() and start.isascii() else None


def detect_language(text: str, hint: str | None = None) -> str | None:
    """The language of a text by its first 1,500 characters; None when there is nothing to go by.

    `hint` is what the page declares. It decides for texts too short to tell and between two
    likely languages; it never overrules a text that is clearly something else, since many
    pages declare the language of their template.
    """
    declared = normal_code(hint)
    sample = text[:_READ]
    letters = sum(character.isalpha() for character in sample)
    if letters < _LEAST:
        return declared
    clear = None if letters < _SHORT else _by_small_words(sample)
    if clear:
        return clear
    ranked: list[tuple[str, float]] = _identifier().rank(sample)[:2]
    best, probability = ranked[0]
    unsure = probability < _SURE or letters < _SHORT
    if declared and unsure and declared in (ranked[0][0], ranked[1][0]):
        return declared
    return best


def _by_small_words(sample: str) -> str | None:
    """English or Spanish when the share of its own small words says so beyond doubt."""
    words = sample.lower().split()
    if len(words) < _FEWEST_WORDS:
        return None
    share = {code: sum(map(small.__contains__, words)) / len(words) for code, (small, _) in _ONLY.items()}
    for code, other in (("en", "es"), ("es", "en")):
        if share[code] >= _ONLY[code][1] and share[other] <= _FOREIGN:
            return code
    return None


def find_language(report: Report) -> Report:
    """The step: by title and text, with what the page declared as a hint."""
    text = f"{report.title}\n{report.text}"
    return replace(report, language=detect_language(text, report.raw.language_hint))
