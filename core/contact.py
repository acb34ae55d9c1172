"""Public sites are crawled only by somebody they can reach."""

from collections.abc import Iterable

from core.errors import SettingsError
from core.settings import NO_CONTACT, Settings
from core.source import Source


def require_contact(sources: Iterable[Source], settings: Settings) -> None:
    """Raise SettingsError when one of the sources is public and AMPARO_CONTACT is not set."""
    public = [source.id for source in sources if not source.allow_private_network]
    if public and settings.contact == NO_CONTACT:
        raise SettingsError(
            "AMPARO_CONTACT is not set: sites must be able to reach whoever crawls them. "
            f"Set it to a mail or web address (needed for {', '.join(public[:3])}"
            f"{' and others' if len(public) > 3 else ''})."
        )
