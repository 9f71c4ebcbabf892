"""Plain text files."""

from core.ingest.files import read_bytes
from core.retrieval.documents import Document


def read(text: str) -> Document:
    return read_bytes("notes.txt", text.encode())[0]


def test_underlined_and_numbered_lines_are_headings(check):
    long = " ".join(["words"] * 40)  # enough for a section of its own
    notes = check(read(f"Fees\n====\n\nNone.\n\n2.1 Abroad\n\n{long}.\n\nMore\n----\nYes."))
    assert notes.title == "Fees"
    assert [passage.heading for passage in notes.passages] == [
        ("Fees",),
        ("Fees", "2.1 Abroad"),
        ("Fees", "More"),
    ]


def test_numbered_steps_with_blank_lines_between_are_no_headings(units):
    assert units(read("1. Open the app\n\n2. Tap Card\n\n3. Done")) == ["1. Open the app", "2. Tap Card", "3. Done"]


def test_a_numbered_line_at_the_end_is_no_heading(units):
    assert units(read("Some words.\n\n1. Last")) == ["Some words.", "1. Last"]


def test_wrapped_lines_are_joined():
    text = "This paragraph was wrapped by an editor at\nforty-five characters, so that its lines do\nnot mean anything."
    assert read(text).text == text.replace("\n", " ")


def test_short_lines_are_meant(units):
    assert units(read("Pebblewick\n14 Harbour Row\nLeith")) == ["Pebblewick", "14 Harbour Row", "Leith"]


def test_items_keep_their_wrapped_lines():
    notes = read("Bring:\n- the box, and if you still have it the\n  receipt\n* the label\n2) a pen")
    assert notes.text == "Bring:\n\n• the box, and if you still have it the receipt\n• the label\n2) a pen"


def test_fifty_thousand_short_lines_are_read():
    assert read("a\n" * 50_000).text.count("a") == 50_000
