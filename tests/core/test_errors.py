"""An error's docstring is its message."""

import inspect

import pytest

from core import errors

ERRORS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.AmparoError)
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_reads_as_a_sentence_and_carries_its_detail(kind: type[errors.AmparoError]) -> None:
    """What a person sees is the headline and then the particulars."""
    message = str(kind("file.yaml, line 3"))
    assert message.endswith(" file.yaml, line 3")
    assert message[0].isupper()


def test_an_error_without_detail_is_its_headline() -> None:
    """No trailing space or colon."""
    assert str(errors.UnknownSource()) == "No source has that name."


def test_exit_codes_tell_wrong_input_from_a_missing_database() -> None:
    """A cron job decides by the code whether to try again."""
    assert errors.SourceFileError.exit_code == 2
    assert errors.DatabaseUnavailable.exit_code == 3
