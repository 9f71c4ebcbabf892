import html
import re

from hypothesis import given
from hypothesis import strategies as st

from ui.text import Span, label, marked, plain, prose

SPANS = st.lists(st.builds(Span, st.integers(0, 40), st.integers(0, 40), st.integers(1, 9), st.booleans()), max_size=4)


@given(st.text(max_size=40), SPANS, st.integers(0, 20))
def test_marking_changes_no_character_of_the_text(text: str, spans: list[Span], offset: int):
    words = re.sub(r"</?mark[^<>]*>", "", marked(text, spans, offset))
    assert html.unescape(words) == html.unescape(html.escape(text.replace("\x00", "\ufffd")))
    assert "<" not in words


@given(SPANS)
def test_every_character_inside_a_span_is_marked_and_no_other(spans: list[Span]):
    text = "".join(chr(0x4E00 + n) for n in range(40))
    inside = "".join(re.findall(r"<mark[^>]*>([^<]*)</mark>", marked(text, spans)))
    assert set(inside) == {text[at] for span in spans for at in range(span.start, min(span.end, 40))}


def test_where_spans_overlap_the_chosen_one_wins():
    spans = [Span(0, 3, number=1, is_chosen=True), Span(2, 5, number=2)]
    assert marked("abcde", spans) == ('<mark class="chosen" data-number="1">abc</mark><mark data-number="2">de</mark>')


def test_spans_count_in_the_whole_text_of_which_a_piece_is_marked():
    assert marked("cd", [Span(3, 9, number=1)], offset=2) == 'c<mark data-number="1">d</mark>'


@given(st.text(max_size=60))
def test_a_label_leaves_no_markdown_character_alive(words: str):
    for before, character in zip(" " + label(words), label(words), strict=False):
        if character in "*_`[]()<>#$!|~":
            assert before == "\\"


def test_streamlit_finds_no_directive_or_emoji_in_a_label():
    assert not re.search(r":[a-z]", plain(":red[x] :smile: :material/home: https://x"))


def test_a_label_is_one_line_and_not_too_long():
    assert label("a\n\nb\t c") == "a b c"
    assert label("word " * 40, most=11) == "word word…"


def test_prose_keeps_commands_as_code_and_nothing_else():
    assert prose("no `x*y` in ![a](b)") == r"no `x*y` in \!\[a\]\(b\)"
