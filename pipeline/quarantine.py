"""What is kept of a page that gave no report."""

from core.report import Page, Quarantined


def explain(error: BaseException) -> str:
    """An unexpected error in one line for the operator."""
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def quarantined(page: Page, reason: str, *, step: str = "extract") -> Quarantined:
    """The page's failure, with what is needed to look at it again."""
    return Quarantined(source_id=page.source_id, url=page.url, step=step, reason=reason, digest=page.digest)
