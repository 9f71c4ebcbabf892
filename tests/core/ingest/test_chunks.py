"""How a document is cut into passages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import TriviumError
from core.ingest.blocks import Block, BlockWriter
from core.ingest.chunks import CAP, compose
from core.ingest.files import read_bytes
from core.ingest.sections import weigh
from core.retrieval.documents import Document


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * (count - 1) + [f"{word}."])


def read(markdown: str) -> Document:
    return read_bytes("a.md", markdown.encode())[0]


def texts(document: Document) -> list[str]:
    return [passage.text for passage in document.passages]


def test_a_passage_knows_the_headings_above_it(check):
    guide = check(
        read(f"# Fees\n\n{words(30)}\n\n## Abroad\n\n{words(30)}\n\n### Cash\n\n{words(30)}\n\n## At home\n\nfree")
    )
    assert [passage.heading for passage in guide.passages] == [
        ("Fees",),
        ("Fees", "Abroad"),
        ("Fees", "Abroad", "Cash"),
        ("Fees", "At home"),
    ]
    assert guide.passages[0].key == "a.md#0"


def test_headings_are_lines_of_the_text_but_never_quotable(units):
    guide = read("# Fees\n\nNone.")
    assert guide.text == "Fees\n\nNone."
    assert units(guide) == ["None."]


def test_tiny_sections_join_the_next_sibling_and_keep_their_titles_as_lines(check, units):
    guide = check(read(f"# Help\n\n## Phone\n\nCall us.\n\n## Chat\n\nWrite to us.\n\n## Post\n\n{words(225)}"))
    first, second = guide.passages
    assert first.text == "Phone\n\nCall us.\n\nChat\n\nWrite to us."
    assert first.heading == ("Help",)
    assert second.heading == ("Help", "Post")
    assert units(guide)[:2] == ["Call us.", "Write to us."]


def test_a_tiny_section_joins_no_cousin():
    guide = read("# A\n\n## B\n\ntiny\n\n# C\n\n## D\n\ntiny")
    assert [passage.heading for passage in guide.passages] == [("A", "B"), ("C", "D")]


def test_long_sections_are_cut_between_paragraphs_into_passages_of_like_size(check):
    guide = check(read("\n\n".join(words(60) for _ in range(8))))
    assert [weigh(text) for text in texts(guide)] == [183, 183, 122]


def test_a_paragraph_beyond_the_cap_is_cut_between_sentences(check):
    guide = check(read(" ".join(words(50).capitalize() for _ in range(6))))
    assert [weigh(text) for text in texts(guide)] == [153, 153]


def test_a_sentence_beyond_the_cap_is_cut_between_words(check):
    guide = check(read(words(500)))
    assert "".join(texts(guide)).count("word") == 500
    assert all(text.startswith("word") for text in texts(guide))


def test_text_without_spaces_is_cut_all_the_same(check):
    assert "".join(texts(check(read("x" * 10_000)))) == "x" * 10_000


def test_a_list_stays_with_the_sentence_that_introduces_it(check, units):
    items = "\n".join(f"- {words(14)}" for _ in range(6))
    guide = check(read(f"{words(150)}\n\nBring these:\n\n{items}"))
    assert [text.split("\n")[0] for text in texts(guide)] == [words(150), "Bring these:"]
    assert units(guide)[-1] == f"• {words(14)}"


def test_a_list_beyond_the_cap_is_cut_between_items_and_its_introduction_leads_the_first(check):
    items = "\n".join(f"{n}. {words(29)}" for n in range(1, 13))
    first, *others = texts(check(read(f"Do this:\n\n{items}")))
    assert first.startswith("Do this:\n\n1. word")
    assert others
    assert all(text[0].isdigit() for text in others)


def test_a_short_step_is_one_unit_and_a_long_one_several(units):
    guide = read(f"1. Open the app. A window appears.\n2. {words(20).capitalize()} {words(20).capitalize()}")
    assert len(units(guide)) == 3
    assert units(guide)[0] == "1. Open the app. A window appears."


def test_the_rows_of_a_table_are_units_and_its_column_names_are_not(check, units):
    guide = check(read("| Service | Price |\n|---|---|\n| Express | £6.95 |\n| Standard | £3.95. Free from £40. |"))
    assert texts(guide) == ["Service | Price\nExpress | £6.95\nStandard | £3.95. Free from £40."]
    assert units(guide) == ["Express | £6.95", "Standard | £3.95. Free from £40."]
    assert guide.passages[0].heading == ()


def test_a_table_beyond_the_cap_is_cut_between_rows_and_names_its_columns_above_the_rest(check):
    rows = "\n".join(f"| service {n} | {words(20)} |" for n in range(20))
    first, *others = check(read(f"## Fees\n\n| Service | What it is |\n|---|---|\n{rows}")).passages
    assert first.text.startswith("Service | What it is\nservice 0 | ")
    assert first.heading == ("Fees",)
    assert others
    assert {passage.heading for passage in others} == {("Fees", "columns: Service | What it is")}
    assert all(passage.text.startswith("service ") for passage in others)


def test_a_code_block_is_one_unit_and_stays_whole(check, units):
    guide = check(read(f"{words(236)}\n\nRun this:\n\n```sh\ncurl -X POST\n\n  --data 1\n```"))
    assert texts(guide)[1] == "Run this:\n\ncurl -X POST\n\n  --data 1"
    assert units(guide)[-1] == "curl -X POST\n\n  --data 1"


def test_every_word_besides_headings_is_in_exactly_one_passage(check):
    guide = check(read("# T\n\n" + "\n\n".join(f"## S{n}\n\nalpha{n} {words(n * 9 + 1)}" for n in range(30))))
    joined = "\n".join(texts(guide))
    assert all(joined.count(f"alpha{n} ") == 1 for n in range(30))


BLOCKS = st.one_of(
    st.builds(lambda level, text: ("heading", level, text), st.integers(1, 6), st.text()),
    st.builds(lambda text: ("paragraph", 0, text), st.text()),
    st.builds(lambda text, n: ("paragraph", 0, " ".join([text] * n)), st.text(min_size=1), st.integers(1, 400)),
    st.builds(lambda text: ("code", 0, text), st.text()),
    st.builds(lambda rows: ("table", 0, rows), st.lists(st.lists(st.text(), max_size=4), max_size=5)),
    st.builds(lambda texts: ("list", 0, texts), st.lists(st.text(), max_size=4)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(BLOCKS, max_size=8))
def test_whatever_is_written_the_passages_keep_their_promises(check, parts):
    writer = BlockWriter()
    for kind, level, content in parts:
        match kind:
            case "heading":
                writer.heading(level, content)
            case "paragraph":
                writer.paragraph(content)
            case "code":
                writer.code(content)
            case "table":
                writer.table(content, header=True)
            case "list":
                writer.open_list(1)
                for item in content:
                    writer.open_item()
                    writer.paragraph(item)
                    writer.close_item()
                writer.close_list()
    document = check(compose("a", "t", writer.blocks, source="a"))
    body = [block for block in writer.blocks if block.kind != "heading"]
    assert len(document.passages) > 0 or not body
    quotable = sum(_length(block) for block in body)
    quoted = sum(len("".join(p.text[a:b].split())) for p in document.passages for a, b in p.sentences)
    assert quoted == quotable


def _length(block: Block) -> int:
    text = block.text.split("\n", 1)[1] if block.kind == "table" and block.columns else block.text
    return len("".join(text.split()))


MARKUP = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list("#*_-|>`[]()<>&;~!1. \n\n"))), max_size=300)


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=MARKUP)
def test_any_text_is_read_or_refused_in_a_sentence(check, name, text):
    try:
        documents = read_bytes(name, text.encode("utf-8", "surrogatepass"))
    except TriviumError as error:
        assert str(error).startswith(f"'{name}' ")  # noqa: PT017
    else:
        check(documents[0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(question=st.text(), answer=st.text())
def test_any_faq_row_is_read_or_refused_in_a_sentence(check, json_lines, question, answer):
    try:
        documents = read_bytes("a.jsonl", json_lines({"question": question, "answer": answer}))
    except TriviumError as error:
        assert str(error).startswith("'a.jsonl' ")  # noqa: PT017
    else:
        check(documents[0])
        assert all(weigh(passage.text) <= CAP for passage in documents[0].passages)
