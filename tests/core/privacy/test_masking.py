"""Placeholders, and how they are put back."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.privacy import TYPES, Span, Vault, find, mask


def test_placeholders_stand_where_the_values_stood():
    masked = mask("Write to ann@example.org or call +44 7911 123456.")
    assert masked.text == "Write to [EMAIL] or call [PHONE]."
    assert [masked.text[span.start : span.end] for span in masked.placed] == ["[EMAIL]", "[PHONE]"]
    assert [span.type for span in masked.spans] == ["EMAIL_ADDRESS", "PHONE_NUMBER"]


def test_a_text_without_personal_data_stays_as_it_is():
    assert mask("Where is my order?").text == "Where is my order?"


def test_only_the_types_asked_for_are_replaced():
    assert mask("ann@example.org from 192.0.2.1", frozenset({"IP_ADDRESS"})).text == "ann@example.org from [IP]"


def test_the_same_value_has_the_same_number_in_a_whole_conversation():
    vault = Vault()
    assert vault.mask("card 4111 1111 1111 1111").text == "card [CARD_1]"
    assert vault.mask("yes, 4111111111111111, not 5500005555555559").text == "yes, [CARD_1], not [CARD_2]"


def test_what_a_model_replies_is_put_back():
    vault = Vault()
    vault.mask("My e-mail is Ann@Example.org")
    assert vault.unmask("We wrote to [EMAIL_1] and to [email_1], never to [EMAIL_7].") == (
        "We wrote to Ann@Example.org and to Ann@Example.org, never to [EMAIL_7]."
    )


def test_a_placeholder_that_a_customer_types_says_nothing_of_others():
    vault = Vault()
    vault.mask("ann@example.org")
    masked = vault.mask("what is [EMAIL_1]?")
    assert masked.text == "what is [EMAIL_2]?"
    assert vault.unmask(masked.text) == "what is [EMAIL_1]?"


def test_a_vault_shows_nothing_of_what_it_holds():
    vault = Vault()
    vault.mask("ann@example.org")
    assert "ann" not in repr(vault)


def test_two_conversations_know_nothing_of_each_other():
    first, second = Vault(), Vault()
    first.mask("ann@example.org")
    assert second.unmask("[EMAIL_1]") == "[EMAIL_1]"


words = st.sampled_from(
    (
        "hi|my name is|Ann|O'Neill|ann@example.org|4111 1111 1111 1111|+44 7911 123456|\n|,|[NAME_1]|order 1002334"
        "|22 Maple Avenue|on 3 May|😀|ß|İ|\u200f|ﬁ|e\u0301"
    ).split("|")
)


@given(st.one_of(st.text(max_size=80), st.lists(words, max_size=12).map(" ".join)))
def test_spans_are_in_order_and_masking_can_be_undone(text: str):
    spans = find(text)
    assert all(0 <= span.start < span.end <= len(text) and span.type in TYPES for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    vault = Vault()
    masked = vault.mask(text)
    assert "".join(kept(text, masked.spans)) == "".join(kept(masked.text, masked.placed))
    assert bare(vault.unmask(masked.text)) == bare(text)


def kept(text: str, spans: Sequence[Span]) -> Iterator[str]:
    """What stands outside of the spans."""
    at = 0
    for span in spans:
        yield text[at : span.start]
        at = span.end
    yield text[at:]


def bare(text: str) -> str:
    """Without what may differ between two ways of writing one value."""
    return re.sub(r"[^\w+]", "", text).casefold()
