"""Markdown, as a reader sees it."""

import pytest

from core.errors import Invalid
from core.ingest.files import read_bytes
from core.retrieval.documents import Document


def read(markdown: str) -> Document:
    return read_bytes("guide/a.md", markdown.encode())[0]


def test_markup_goes_and_the_words_stay():
    guide = read("# Fees *today*\n\nSee [the **list**](https://x.example 'tip') & `code`, ![a card](c.png)&nbsp;here.")
    assert guide.title == "Fees today"
    assert guide.text == "Fees today\n\nSee the list & code, a card here."


def test_wrapped_lines_are_joined_and_hard_breaks_kept():
    assert read("one\ntwo  \nthree<br>four").text == "one two\nthree\nfour"


def test_lists_keep_their_markers_numbers_and_depth():
    guide = read("3. Open\n4. Choose\n   - red\n   - blue\n\n     It suits.\n5. Pay")
    assert guide.text == "3. Open\n4. Choose\n  • red\n  • blue\n    It suits.\n5. Pay"


def test_a_table_with_two_columns_reads_as_names_and_values():
    assert read("| Fee | Price |\n|:--|--:|\n| `Card` | **£5** |").text == "Fee | Price\nCard | £5"


def test_the_cells_of_a_wide_table_carry_the_names_of_their_columns():
    guide = read("| Fee | Free | Plus |\n|---|---|---|\n| Cash abroad | 2% | |\n| Card | £5 | £0 |")
    assert guide.text == "Fee | Free | Plus\nCash abroad | Free: 2%\nCard | Free: £5 | Plus: £0"


def test_what_is_struck_out_is_no_longer_said():
    assert read("It costs ~~£5~~ £4.").text == "It costs £4."


def test_scripts_and_comments_inside_markdown_are_never_said():
    guide = read(
        "Hi <script>alert(1)</script>there<!-- secret -->.\n\n<script>\nalert(2)\n</script>\n\n<!-- hidden -->"
    )
    assert guide.text == "Hi there."


def test_blocks_of_html_inside_markdown_are_read_as_html():
    guide = read("<div>\n\n**Bold** text\n\n</div>\n\n<table><tr><th>A<th>B<tr><td>1<td>2</table>")
    assert guide.text == "Bold text\n\nA | B\n1 | 2"


def test_the_title_is_the_front_matters_and_other_keys_are_metadata():
    guide = read(
        "---\ntitle: 'Fees: all'\nreviewed: 2024-05-01\nviews: 12\npublic: true\ntags: [card, \"a, b\"]\nalso:\n"
        "  - one\n  - two\n# a comment\n---\n# Fees\n\nNone."
    )
    assert guide.title == "Fees: all"
    assert guide.metadata == {
        "reviewed": "2024-05-01",
        "views": 12,
        "public": True,
        "tags": ["card", "a, b"],
        "also": ["one", "two"],
    }
    assert guide.text == "Fees\n\nNone."


def test_a_rule_at_the_top_is_no_front_matter():
    assert read("---\n\nPlain words.\n\n---\n\nMore.").text == "Plain words.\n\nMore."


def test_other_wordings_in_front_matter_lead_to_every_passage():
    guide = read("---\nalso_asked:\n  - where is it\n  - is it lost\n---\n# A\n\nlong\n\n## B\n\nshort")
    assert [passage.aliases for passage in guide.passages] == [("where is it", "is it lost")] * 2
    assert guide.metadata == {}


def test_without_a_heading_the_title_is_the_files_name():
    assert read("Just words.").title == "a"


def test_anchors_of_headings_are_not_part_of_them():
    assert read("## Returns {#returns}\n\nYes.").title == "Returns"


@pytest.mark.parametrize("opener", [">", "- ", "1. "])
def test_ten_thousand_levels_are_refused_before_text_is_lost(opener: str):
    with pytest.raises(Invalid, match=r"more than 30 levels deep"):
        read(opener * 10_000 + " a")


def test_twenty_levels_are_read():
    assert "deep" in read("> " * 20 + "deep").text


def test_brackets_and_stars_by_the_thousand_are_read():
    assert read("[" * 5_000 + "*" * 5_000 + "a").text.endswith("a")
