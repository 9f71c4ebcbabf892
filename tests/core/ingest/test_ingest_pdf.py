"""PDF files, written by hand for each test."""

import io
from collections.abc import Callable

import pypdf
import pytest

from core.errors import Invalid, TooLarge
from core.ingest import pdf
from core.ingest.blocks import BlockWriter
from core.ingest.files import read_bytes
from core.ingest.pdf_layout import Line, write_pages

MakePdf = Callable[..., bytes]
LONG = " ".join(["words"] * 40)  # enough for a section of its own


def test_large_type_is_a_heading_and_passages_name_their_page(make_pdf: MakePdf, check):
    data = make_pdf(
        [(18, "Returns"), (10, ""), (10, "Send it back within 30 days."), (10, ""), (14, "Costs"), (10, f"{LONG}.")],
        [(14, "Where"), (10, "At any pick-up point (see the app).")],
    )
    (guide,) = read_bytes("guide.pdf", data)
    check(guide)
    assert guide.title == "Returns"
    assert [(p.heading, p.text) for p in guide.passages] == [
        (("Returns", "page 1"), "Send it back within 30 days."),
        (("Returns", "Costs", "page 1"), f"{LONG}."),
        (("Returns", "Where", "page 2"), "At any pick-up point (see the app)."),
    ]


def test_lines_flow_again_and_words_are_mended(make_pdf: MakePdf, units):
    data = make_pdf(
        [
            (10, "You may return what you bought in its original pack-"),
            (10, "aging, and the label comes by e-mail in a two-"),
            (10, "hour window, so that nothing has to be printed at"),
            (10, "home. Thank you."),
            (10, ""),
            (10, "A second paragraph."),
        ]
    )
    assert units(read_bytes("a.pdf", data)[0]) == [
        "You may return what you bought in its original packaging, and the label comes by e-mail in a two-hour window, "
        "so that nothing has to be printed at home.",
        "Thank you.",
        "A second paragraph.",
    ]


def test_a_sentence_goes_on_across_pages(make_pdf: MakePdf, units):
    data = make_pdf([(10, "It goes on and on and does not end on this")], [(10, "page but on the next.")])
    assert units(read_bytes("a.pdf", data)[0]) == ["It goes on and on and does not end on this page but on the next."]


def test_running_headers_footers_and_page_numbers_go(make_pdf: MakePdf):
    names = ("One", "Two", "Three", "Four")
    pages = [
        [(8, "Pebblewick Ltd, terms"), (10, ""), (10, f"{name} is said here."), (10, ""), (8, f"Page {n} of 4")]
        for n, name in enumerate(names, start=1)
    ]
    (guide,) = read_bytes("a.pdf", make_pdf(*pages))
    assert guide.text == "\n\n".join(f"{name} is said here." for name in names)


def test_large_type_without_text_below_is_text(make_pdf: MakePdf, units):
    data = make_pdf(
        [(14, "Card fee 5"), (14, ""), (14, "Cash fee 2"), (10, ""), (10, "All fees are in pounds, always.")]
    )
    assert "Card fee 5" in units(read_bytes("a.pdf", data)[0])


def test_a_table_of_contents_is_left_out():
    writer = BlockWriter()
    write_pages([[Line("Fees . . . . . . 24", 700, 10), Line("Fees are low.", 680, 10)]], writer)
    assert [block.text for block in writer.blocks] == ["Fees are low."]


def test_bullets_are_items(make_pdf: MakePdf, units):
    assert units(read_bytes("a.pdf", make_pdf([(10, "Bring:"), (10, "• the box"), (10, "• a pen")]))[0]) == [
        "Bring:",
        "• the box",
        "• a pen",
    ]


def test_a_locked_file_says_so(make_pdf: MakePdf):
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(make_pdf([(10, "secret")]))))
    writer.encrypt("password", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(Invalid) as caught:
        read_bytes("a.pdf", locked.getvalue())
    assert str(caught.value) == "'a.pdf' is encrypted: save a copy without a password and try again."


@pytest.mark.parametrize("keep", [20, 300, -200])
def test_a_cut_off_file_is_broken(make_pdf: MakePdf, keep: int):
    with pytest.raises(Invalid, match=r"'a\.pdf\' is a broken PDF"):
        read_bytes("a.pdf", make_pdf([(10, "words")])[:keep])


def test_a_zip_by_the_name_of_a_pdf_is_called_a_zip():
    with pytest.raises(Invalid, match=r"'a\.pdf\' is a zip archive or an Office document"):
        read_bytes("a.pdf", b"PK\x03\x04" + bytes(100))


def test_any_other_bytes_are_no_pdf():
    with pytest.raises(Invalid, match=r"'a\.pdf\' is no PDF"):
        read_bytes("a.pdf", b"plain words")


def test_pictures_of_text_ask_for_text_recognition(make_pdf: MakePdf):
    with pytest.raises(Invalid, match="has no text layer: run text recognition"):
        read_bytes("scan.pdf", make_pdf([(10, "")], [(10, "")]))


def test_too_many_pages_are_refused(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", 2)
    with pytest.raises(TooLarge, match="has 3 pages, more than 2"):
        read_bytes("a.pdf", make_pdf([(10, "a")], [(10, "b")], [(10, "c")]))


def test_too_much_to_draw_is_refused(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MOST_CONTENT", 1_000)
    with pytest.raises(TooLarge, match="drawing commands"):
        read_bytes("a.pdf", make_pdf(*([(10, "words")] * 20 for _ in range(3))))


def test_a_stream_that_unpacks_without_end_is_refused(make_pdf: MakePdf):
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(make_pdf([(10, "x" * 25_000_000)]))))
    for page in writer.pages:
        page.compress_content_streams()
    bomb = io.BytesIO()
    writer.write(bomb)
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(TooLarge, match="unpacks to more than"):
        read_bytes("a.pdf", bomb.getvalue())
