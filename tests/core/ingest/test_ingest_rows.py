"""FAQ entries and documents from rows."""

import gzip
import json
from collections.abc import Callable

import pytest

from core.errors import Invalid, TooLarge
from core.ingest.chunks import CAP
from core.ingest.files import read_bytes

JsonLines = Callable[..., bytes]
HEADER = "id,question,answer\n"


def refusal(name: str, data: bytes | str) -> str:
    with pytest.raises(Invalid) as caught:
        read_bytes(name, data.encode() if isinstance(data, str) else data)
    return str(caught.value)


def test_a_faq_row_quotes_its_answer_and_is_found_by_its_question(check):
    (entry,) = read_bytes("faq.csv", b"id,question,answer,topic\nf1,Is it free?,Yes. From 40 pounds.,delivery\n")
    check(entry)
    assert (entry.key, entry.title, entry.text, entry.kind) == ("f1", "Is it free?", "Yes. From 40 pounds.", "row")
    assert entry.source == "faq.csv row 2"
    assert entry.metadata == {"topic": "delivery"}
    (passage,) = entry.passages
    assert (passage.key, passage.aliases, passage.heading) == ("f1", ("Is it free?",), ("Is it free?",))
    assert [passage.text[a:b] for a, b in passage.sentences] == ["Yes.", "From 40 pounds."]


def test_a_long_row_is_cut_and_its_first_passage_keeps_the_rows_id(json_lines: JsonLines, check):
    text = " ".join(["A sentence of six little words."] * 60)
    (entry,) = read_bytes("docs.jsonl", json_lines({"id": "d1", "text": text, "title": "Words"}))
    check(entry)
    assert [passage.key for passage in entry.passages] == ["d1", "d1#1"]
    assert all(len(passage.text.split()) <= CAP for passage in entry.passages)
    assert {passage.heading for passage in entry.passages} == {("Words",)}
    assert entry.text == text


def test_a_row_without_an_id_is_named_by_its_question_whatever_the_answer(json_lines: JsonLines):
    old, new = (read_bytes("a.jsonl", json_lines({"question": "Free?", "answer": a}))[0] for a in ("Yes.", "No."))
    assert old.key == new.key
    assert len(old.key) == 16


def test_a_text_without_a_title_is_called_by_its_first_words(json_lines: JsonLines):
    (entry,) = read_bytes("a.jsonl", json_lines({"text": "word " * 40}))
    assert entry.title.startswith("word word")
    assert len(entry.title) <= 80
    assert entry.passages[0].heading == ()


def test_fields_of_json_become_metadata_as_they_are(json_lines: JsonLines):
    row = {"id": 7, "text": "a", "tags": ["x", 1], "open": True, "none": None, "deep": {"k": [1.5]}}
    (entry,) = read_bytes("a.jsonl", json_lines(row))
    assert entry.key == "7"
    assert entry.metadata == {"tags": ["x", 1], "open": True, "none": None, "deep": {"k": [1.5]}}


def test_other_wordings_lead_to_a_row_and_are_no_metadata():
    (entry,) = read_bytes("a.csv", b"question,answer,also_asked\nFree?,Yes.,costs it | price\n")
    assert entry.passages[0].aliases == ("Free?", "costs it", "price")
    assert entry.metadata == {}


def test_a_rows_own_line_breaks_stay_in_its_text(units):
    (entry,) = read_bytes("a.csv", b'question,answer\nHow?,"Do this:\r\n- open\r\n- close"\n')
    assert entry.text == "Do this:\n- open\n- close"
    assert units(entry) == ["Do this:", "- open", "- close"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_of_any_country_are_read(separator: str, mark: str):
    text = mark + 'Question;Answer;Note\nFree?;"Yes; always, I think";x\n'.replace(";", separator)
    (entry,) = read_bytes("a.csv", text.encode())
    assert entry.title == "Free?"
    assert entry.metadata == {"Note": "x"}


def test_excels_own_first_line_and_encoding_are_read():
    assert read_bytes("a.csv", "sep=;\nquestion;answer\nFree?;£5".encode("utf-16"))[0].text == "£5"


def test_missing_columns_are_named_with_those_that_are_there():
    assert refusal("a.csv", "frage,antwort\nx,y\n") == (
        "'a.csv' has the columns frage, antwort, but needs 'question' and 'answer' or 'text': "
        "rename the columns in its first line."
    )


def test_a_column_that_comes_twice_is_refused():
    assert "two columns named 'answer'" in refusal("a.csv", "question,answer,answer\na,b,c\n")


def test_one_bad_row_refuses_the_file_and_the_first_few_are_listed():
    rows = "".join(f"f{n},Question {n}?,\n" for n in range(8))
    assert refusal("faq.csv", f"{HEADER}f,Fine?,Yes.\n{rows}") == (
        "'faq.csv' has 8 bad rows (line 3: 'answer' is missing or empty; line 4: 'answer' is missing or empty; "
        "line 5: 'answer' is missing or empty; line 6: 'answer' is missing or empty; line 7: 'answer' is missing or "
        "empty; and 3 more): correct the file and import it again, nothing of it is in yet."
    )


def test_lines_are_counted_in_the_file_and_rows_as_a_spreadsheet_counts():
    text = HEADER + 'a,"two\nlines?",yes\n\nb,,yes\n'
    assert "(line 5: 'question' is missing or empty)" in refusal("a.csv", text)
    fine = read_bytes("a.csv", (HEADER + 'a,"two\nlines?",yes\n\nb,q,yes\n').encode())
    assert [entry.source for entry in fine] == ["a.csv row 2", "a.csv row 3"]


def test_the_same_id_twice_names_both_lines():
    assert "(line 4: the id 'a' is on line 2 already)" in refusal("a.csv", HEADER + "a,q,x\nb,q,x\na,r,y\n")


def test_the_same_question_twice_asks_for_ids():
    assert "line 3: the same text without an id of its own is on line 2" in refusal("a.csv", "text\nsame\nsame\n")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('["a"]', "it is a list, not an object"),
        ("3", "it is a number, not an object"),
        ("null", "it is null, not an object"),
        ('{"text": "a"', "it is not JSON (Expecting ',' delimiter at character 13)"),
        ('{"text": 3}', "'text' is not text"),
        ('{"text": "a", "id": 1.5}', "'id' is neither text nor a whole number"),
        ('{"text": "a", "id": true}', "'id' is neither text nor a whole number"),
        ('{"text": "a", "n": NaN}', "it is not JSON (NaN is not a JSON number)"),
        ('{"text": "a", "n": 1e999}', "a number is too large"),
        ('{"text": "a\\u0000"}', "'text' holds a NUL character"),
        ('{"text": "a", "m": ["\\u0000"]}', "a field holds a NUL character"),
        ('{"title": "a"}', "it needs 'question' and 'answer', or 'text', but has 'title'"),
        ('{"question": "a", "answer": " "}', "'answer' is missing or empty"),
        ('{"text": "a", "m": ' + "[" * 50 + "]" * 50 + "}", "its JSON nests too deeply"),
        ("[" * 100_000, "its JSON nests too deeply"),
        ('{"text": "a", "also_asked": 3}', "'also_asked' is neither text nor a list of texts"),
    ],
)
def test_a_bad_line_of_json_says_what_is_wrong(row: str, reason: str):
    said = refusal("a.jsonl", '{"text": "fine"}\n\n' + row)
    assert said.startswith(f"'a.jsonl' has a bad row (line 3: {reason})")


def test_half_a_character_is_replaced_as_no_encoding_can_store_it(json_lines: JsonLines):
    assert read_bytes("a.jsonl", b'{"text": "a\\ud800b"}')[0].text == "a\ufffdb"


def test_one_json_array_is_told_from_json_lines():
    rows = [{"question": "q", "answer": "a"}]
    for written in (json.dumps(rows), json.dumps(rows, indent=1)):
        assert "is one JSON array, not JSON Lines: write one object on each line" in refusal("a.jsonl", written)


@pytest.mark.parametrize(("name", "content"), [("a.csv", HEADER), ("a.csv", HEADER + "\n,,\n"), ("a.jsonl", "\n \n{}")])
def test_an_empty_faq_is_refused(name: str, content: str):
    assert any(words in refusal(name, content) for words in ("has no rows", "has a bad row"))


def test_a_quotation_mark_that_is_never_closed_names_the_line_where_it_opens():
    assert "(line 3: a quotation mark is never closed)" in refusal("a.csv", HEADER + 'a,q,x\nb,"q,x\nc,q,x\n')


def test_a_quotation_mark_inside_a_cell_has_to_be_doubled():
    assert "line 2: a quotation mark inside a cell is not doubled" in refusal("a.csv", HEADER + 'a,"q"q,x\n')


def test_a_cell_beyond_the_header_is_refused():
    assert "line 2: the value 'extra' stands under no column name" in refusal("a.csv", HEADER + "a,q,x,extra\n")


def test_packed_rows_are_read(json_lines: JsonLines):
    assert read_bytes("a.jsonl.gz", gzip.compress(json_lines({"text": "packed"})))[0].text == "packed"


def test_a_packed_bomb_is_refused_before_it_fills_the_memory():
    bomb = gzip.compress(b" " * 100_000_000)
    with pytest.raises(TooLarge, match=r"unpacks to more than the 20 MB .* TRIVIUM_MAX_UPLOAD_BYTES"):
        read_bytes("a.jsonl.gz", bomb, max_bytes=20_000_000)


@pytest.mark.parametrize(
    "cut", [lambda data: data[:-5], lambda data: b"plain words", lambda data: data[:12] + b"?" * 30]
)
def test_a_damaged_archive_is_refused(cut, json_lines: JsonLines):
    assert "is not a whole gzip file" in refusal("a.jsonl.gz", cut(gzip.compress(json_lines({"text": "packed"}))))
