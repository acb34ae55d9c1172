"""The pure steps in their order, and the way of one page through all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from core.errors import AmparoError, ExtractionError
from core.report import Page, Quarantined, RawReport, Report
from core.source import Source
from pipeline.address import canonicalise
from pipeline.classify import judge
from pipeline.clean import clean
from pipeline.dates import resolve_dates
from pipeline.extract import extract
from pipeline.fingerprint import add_fingerprint
from pipeline.language import find_language
from pipeline.quarantine import explain, quarantined
from taxonomy.loader import load_taxonomy
from taxonomy.matcher import Matcher


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What reports are judged by; made once a process, since compiling the taxonomy takes a while."""

    matcher: Matcher


@cache
def load_rules() -> Rules:
    """The packaged rules. Raises TaxonomyError when they contradict themselves."""
    return Rules(matcher=Matcher(load_taxonomy()))


Step = Callable[[Report, Source, Rules], Report]


def _alone(step: Callable[[Report], Report]) -> Step:
    """A step that needs nothing but the report."""
    return lambda report, _source, _rules: step(report)


def _judge(report: Report, source: Source, rules: Rules) -> Report:
    return judge(report, matcher=rules.matcher, source=source)


STEPS: tuple[tuple[str, Step], ...] = (
    ("clean", _alone(clean)),
    ("canonicalise", _alone(canonicalise)),
    ("dates", _alone(resolve_dates)),
    ("language", _alone(find_language)),
    ("judge", _judge),
    ("fingerprint", _alone(add_fingerprint)),
)


def process(raw: RawReport, source: Source, rules: Rules) -> Report:
    """A raw report through every step. Raises ExtractionError naming the step that failed."""
    report = Report(
        raw=raw,
        url=raw.url,
        title=raw.title,
        text=raw.text,
        authors=raw.authors,
        document_type=raw.document_type,
    )
    for name, step in STEPS:
        try:
            report = step(report, source, rules)
        except ExtractionError:
            raise
        except Exception as error:
            raise ExtractionError(explain(error), step=name) from error
    return report


def read_page(page: Page, source: Source, rules: Rules) -> Report:
    """The report of a page. Raises ExtractionError naming the step that failed."""
    try:
        raw = extract(page, source)
    except AmparoError:
        raise
    except Exception as error:
        raise ExtractionError(explain(error), step="extract") from error
    return process(raw, source, rules)


def read_safely(page: Page, source: Source) -> Report | Quarantined:
    """The report of a page, or the step that failed and why.

    Only the rules themselves can still raise (TaxonomyError): that is no page's fault.
    """
    rules = load_rules()
    try:
        return read_page(page, source, rules)
    except ExtractionError as error:
        return quarantined(page, error.reason, step=error.step)
