"""The pages on digests say what the code does."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from alerts import delivering
from alerts.digest import Absent, Change, Coverage, Difference, Digest, Echo, Item, SourceGap, Story
from alerts.joining import wish
from alerts.links import LASTS, Purpose
from alerts.periods import AT_ONCE_PAUSE
from alerts.rendering import FULL
from alerts.stories import PART
from alerts.webhook import signature
from core.subscription import Channel
from db.outbox import LEASE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/digest.md").read_text(encoding="utf-8")


def test_every_field_of_a_webhook_is_documented() -> None:
    """The body is a public contract."""
    for kind in (Digest, Story, Item, Echo, Change, Difference, Absent, Coverage, SourceGap):
        for one in fields(kind):
            assert f"`{one.name}" in PAGE, f"{kind.__name__}.{one.name}"


def test_documented_check_of_a_signature_works() -> None:
    """What is copied from the page must accept what we send."""
    code = PAGE.partition("```python\n")[2].partition("```")[0]
    known: dict[str, object] = {}
    exec(code, known)
    genuine = known["genuine"]
    assert callable(genuine)
    assert genuine("key", "17", signature("key", 17, b"{}"), b"{}")
    assert not genuine("key", "17", signature("other", 17, b"{}"), b"{}")


def test_documented_numbers_are_those_of_the_code() -> None:
    """A page that is wrong about a limit is worse than none."""

    def minutes(pauses: tuple[timedelta, ...]) -> str:
        said = [str(int(pause.total_seconds() // 60)) for pause in pauses]
        return f"{', '.join(said[:-1])}, then every {said[-1]} minutes"

    assert minutes(delivering._MAIL_PAUSES) in PAGE
    assert minutes(delivering._HOOK_PAUSES) in PAGE
    assert f"for {delivering.MAIL_LASTS.days} days" in PAGE
    assert f"after {delivering.WEBHOOK_LASTS.total_seconds() / 3600:.0f} hours" in PAGE
    assert f"free again after {LEASE.total_seconds() / 60:.0f} minutes" in PAGE
    assert f"at most every {AT_ONCE_PAUSE.total_seconds() / 60:.0f} minutes" in PAGE
    assert f"first {FULL} in full" in PAGE
    assert f"{PART} in a mail" in PAGE
    assert f"good for {LASTS[Purpose.CONFIRM].days} days" in PAGE
    assert f"preferences link for {LASTS[Purpose.PREFERENCES].days}" in PAGE
    default = wish(Channel.MAIL, "a@example.org")
    assert (default.frequency, default.hour, default.weekday, default.timezone) == ("daily", 7, 0, "UTC")
