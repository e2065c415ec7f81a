"""What text may be recorded."""

import json

import pytest

from domain.kernel.text import holds_nul


@pytest.mark.parametrize("text", ["\0", "a\0b", "\\\0", "\\\\\0"])
def test_the_nul_character_is_found_wherever_it_stands(text: str):
    assert holds_nul(json.dumps({"title": text}).encode())


@pytest.mark.parametrize("text", ["", "u0000", "\\u0000", "\\\\u0000", "\u0001"])
def test_text_that_only_looks_like_it_is_let_through(text: str):
    assert not holds_nul(json.dumps({"title": text}).encode())
