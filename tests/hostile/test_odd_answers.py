"""Answers of HTTP that a fuzz run found: an error of ours, whatever they say."""

import pytest

from pathae_codec.errors import WrongAnswerError
from tests.fuzz.text_targets import read_answer

REDIRECTED = b"HTTP/1.1 302 Found\r\nLocation: h\x04DeQIM--_p^\x1cttp://127.0.0.1:9/x\r\n"


def test_a_redirection_with_control_characters() -> None:
    """It was a ValueError of the library's."""
    with pytest.raises(WrongAnswerError, match="expected an answer of HTTP"):
        read_answer(REDIRECTED + b"Content-Length: 0\r\n\r\n")
