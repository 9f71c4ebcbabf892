"""Cursors that go in and out unharmed, or not at all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.paging import BadCursor, Page, decode_cursor, encode_cursor


@given(
    st.integers(-(2**63) + 1, 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
)
def test_what_goes_in_comes_out(number: int, words: str):
    assert decode_cursor(encode_cursor(id=number, after=words), id=int, after=str) == {"id": number, "after": words}


def test_no_cursor_is_the_start():
    assert decode_cursor(None, id=int) is None
    assert decode_cursor("", id=int) is None


@given(st.text(max_size=60))
def test_anything_else_is_refused(cursor: str):
    if cursor:
        with pytest.raises(BadCursor, match="start again without a cursor"):
            decode_cursor(cursor, id=int)


@pytest.mark.parametrize("at", range(len(encode_cursor(id=7))))
def test_a_changed_letter_is_noticed(at: int):
    cursor = encode_cursor(id=7)
    changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
    with pytest.raises(BadCursor):
        decode_cursor(changed, id=int)


@pytest.mark.parametrize(
    "position", [{"id": "7"}, {"id": True}, {"id": 2**63}, {"other": 7}, {"id": 7, "more": 1}, {"id": 7.0}, {}]
)
def test_a_cursor_of_another_list_is_refused(position):
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(**position), id=int)


def test_nul_never_reaches_a_database():
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(after="\x00"), after=str)


def test_a_cursor_is_safe_in_an_address():
    assert encode_cursor(after="?&= ü/+").replace("-", "").replace("_", "").isalnum()
    base64.urlsafe_b64decode(encode_cursor(id=1) + "==")


def test_a_page_says_where_the_next_one_is():
    assert Page[int](items=[1], next_cursor="x").model_dump() == {"items": [1], "next_cursor": "x"}
    assert Page[int](items=[]).next_cursor is None
