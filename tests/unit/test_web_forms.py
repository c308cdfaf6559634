"""Fields of a submitted form are read as the standard library reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.web.forms import _pairs_of
from kernel.web.masks import masked, unmasked
from kernel.web.multiparts import FIELDS_MOST

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_what_a_browser_sends_comes_back(fields: list[tuple[str, str]]) -> None:
    assert _pairs_of(urlencode(fields)) == fields


@given(st.text("ab=&+%2é19 /", max_size=30))
def test_what_no_browser_sends_is_read_as_by_the_standard_library(text: str) -> None:
    try:
        wanted = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        with pytest.raises(ValueError, match="utf-8"):
            _pairs_of(text)
    else:
        assert _pairs_of(text) == wanted


@pytest.mark.parametrize("text", ["a=%00", "a=\0", "%00=1", "&" * FIELDS_MOST, "a=%ff", "%ff=1"])
def test_nul_broken_bytes_and_too_many_fields_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|utf-8"):
        _pairs_of(text)


@given(st.binary(max_size=24))
def test_a_mask_comes_off(secret: bytes) -> None:
    assert unmasked(masked(secret.hex())) == secret.hex()
