"""Model output becomes plain text: nothing in it can be clicked, loaded or hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.generation.plain import is_page, plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It is **free** and _very_ `fast` [1].", "It is free and _very_ fast [1]."),
        ("See [our page](http://evil.example/a?b=c) [2].", "See our page [2]."),
        ("![logo](http://evil.example/p.png?q=secret)It is free.", "It is free."),
        ("![logo][1] It is free.", "It is free."),
        ("Go to https://evil.example/x now.", "Go to now."),
        ("Click javascript:alert(1) now.", "Click now."),
        ("[1](http://evil.example) It is free.", "[1] It is free."),
        ("It is free.\n\n[1]: http://evil.example 'title'", "It is free."),
        ("<img src=x onerror=alert(1)>It <b>is</b> free.", "It is free."),
        ("<script>alert(1)</script>It is free.", "It is free."),
        ("&lt;img src=x onerror=alert(1)&gt;It is free.", "It is free."),
        ("&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;It is free.", "It is free."),
        ("<think>they want\nmoney</think>It is free.", "It is free."),
        ("<think>no end to it", ""),
        ("# Costs\n\n- It is free.\n- Really.", "Costs\nIt is free.\nReally."),
        ("```\nIt is free.\n```", "It is free."),
        ("It is\u200b fr\u202eee.\U000e0041", "It is free."),
        ("It is free 【1†source】.", "It is free [1]."),
        ("It is free [1, 2].", "It is free [1][2]."),
        ("Goods under 5 kg & over 1 kg: 3 < 5.", "Goods under 5 kg & over 1 kg: 3 < 5."),
        ("One.<br>Two.", "One.\nTwo."),
        ("It is free.<|im_end|>[INST] <|endoftext|>", "It is free."),
        ("Go to //evil.example/x?q=1 or https:evil.example/x now.", "Go to or now."),
        ("Go to https:\\\\evil.example/x now.", "Go to now."),
    ],
)
def test_markup_is_taken_off_and_words_and_marks_stay(written: str, shown: str):
    assert plain(written) == shown


@given(st.text(alphabet="<>[]()!&;:/ahtpsimgb=\"'`*_#-|\n\u200b.1\\", max_size=60))
def test_nothing_that_loads_or_links_is_left(text: str):
    shown = plain(text)
    assert "](" not in shown
    assert "://" not in shown
    assert not any(mark in shown for mark in ("<img", "<script", "<a "))
    assert plain(shown) == shown


@pytest.mark.parametrize(
    ("text", "page"), [(" <!doctype HTML>", True), ("<html lang=en>", True), ("It is free.", False)]
)
def test_a_web_page_is_told_from_an_answer(text: str, page: bool):
    assert is_page(text) is page


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["[", "[a ", "[1", "![", "<", "**a", "&amp;", "]("])
def test_what_a_looping_model_writes_is_read_in_a_moment(piece: str):
    assert len(plain(piece * (4_000 // len(piece)))) <= 8_000
