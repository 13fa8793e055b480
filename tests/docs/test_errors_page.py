"""The error chapter equals the code."""

from tools.docs.errors import TARGET, render


def test_every_error_of_the_code_is_in_the_spec_as_it_is():
    assert TARGET.read_text("utf-8") == render(), "run: python -m tools.docs.errors"
