"""Every error Amparo raises on purpose; the docstring of each is its message to a person."""


class AmparoError(Exception):
    """Something went wrong in Amparo."""

    exit_code = 1

    def __str__(self) -> str:
        detail = super().__str__()
        headline = (type(self).__doc__ or "").strip().splitlines()[0]
        return f"{headline} {detail}".strip() if detail else headline


class SettingsError(AmparoError):
    """A setting in the environment cannot be used."""

    exit_code = 2


class SourceFileError(AmparoError):
    """A source file cannot be used."""

    exit_code = 2


class UnknownSource(AmparoError):
    """No source has that name."""

    exit_code = 2


class MissingSetting(AmparoError):
    """A source cannot be asked without a setting that is not there."""

    exit_code = 2


class TaxonomyError(AmparoError):
    """The taxonomy contradicts itself."""

    exit_code = 2


class InputError(AmparoError):
    """The input is not of the form this command reads."""

    exit_code = 2


class DiscoveryError(AmparoError):
    """An index page of a source is not of the form its source file promises."""


class ExtractionError(AmparoError):
    """A page gave no report."""

    def __init__(self, reason: str = "", *, step: str = "extract") -> None:
        super().__init__(reason)
        self.reason = reason
        self.step = step


class DatabaseUnavailable(AmparoError):
    """The database did not answer."""

    exit_code = 3


class SchemaOutdated(AmparoError):
    """The database schema is not the one this version needs: run `amparo db upgrade`."""

    exit_code = 3


class EgressRefused(AmparoError):
    """The address leads to a private or reserved network, which the crawler never enters."""
