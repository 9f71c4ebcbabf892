"""Word documents: what a reader sees comes over, and what cannot be read is refused in one sentence."""

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from core.errors import Invalid, TooLarge
from core.ingest.files import read_bytes
from core.retrieval.documents import Document


def saved(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def read(document: docx.document.Document) -> Document:
    [found] = read_bytes("guide.docx", saved(document))
    return found


def repacked(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The archive with members changed, left out (None) or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def simple() -> docx.document.Document:
    document = docx.Document()
    document.add_heading("Refunds", 1)
    document.add_paragraph("A refund takes five days.")
    return document


def refusal(data: bytes, kind: type[Exception] = Invalid) -> str:
    with pytest.raises(kind) as caught:
        read_bytes("guide.docx", data)
    return str(caught.value)


def test_headings_stand_above_their_passages_and_give_the_title(check):
    document = simple()
    document.add_heading("Abroad", 2)
    document.add_paragraph("A refund to a card from abroad takes ten days. " * 12)
    found = check(read(document))
    assert found.title == "Refunds"
    assert found.passages[-1].heading == ("Refunds", "Abroad")


def test_lists_keep_marks_numbers_and_levels(check):
    document = docx.Document()
    for style, text in (
        ("List Bullet", "a receipt"),
        ("List Bullet 2", "or its number"),
        ("List Number", "Open the app"),
        ("List Number", "Press Refund"),
    ):
        document.add_paragraph(text, style=style)
    document.add_paragraph("A window appears.")
    document.add_paragraph("Confirm", style="List Number")
    text = check(read(document)).text
    assert "• a receipt" in text
    assert "• or its number" in text
    assert "1. Open the app\n2. Press Refund" in text
    assert "3. Confirm" in text


def test_a_table_says_of_each_cell_what_its_column_is(check):
    document = docx.Document()
    table = document.add_table(rows=0, cols=3, style="Table Grid")
    for row in (("Service", "Free", "Plus"), ("Cash abroad", "2%", "£0"), ("New card", "£5", "£0")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    text = check(read(document)).text
    assert "Cash abroad | Free: 2% | Plus: £0" in text


def test_merged_cells_stand_in_each_row_that_they_cover():
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for at, text in enumerate(("Plan", "Place", "Price", "Free", "home", "£1", "", "abroad", "£2")):
        table.cell(at // 3, at % 3).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert "Free | abroad | £2" in read(document).text.replace("Place: ", "").replace("Price: ", "")


def test_the_text_of_a_link_is_read_and_its_address_is_not():
    document = docx.Document()
    paragraph = document.add_paragraph("See ")
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), document.part.relate_to("https://example.org/x", "http://x/hyperlink", is_external=True))
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:t"))
    run[0].text = "our price list"
    link.append(run)
    paragraph._p.append(link)
    paragraph.add_run(" today.")
    assert read(document).text == "See our price list today."


def test_deleted_and_hidden_words_are_gone_and_inserted_ones_are_there():
    document = docx.Document()
    paragraph = document.add_paragraph("It costs ")
    for tag, name, text in (("w:del", "w:delText", "£4"), ("w:ins", "w:t", "£5")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(name)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run(" secretly").font.hidden = True
    paragraph.add_run(" a month.")
    assert read(document).text == "It costs £5 a month."


def test_what_stands_in_a_content_control_is_read():
    document = docx.Document()
    inner = document.add_paragraph("Open from nine.")._p
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    inner.addprevious(control)
    content.append(inner)
    control.append(content)
    assert read(document).text == "Open from nine."


def test_a_document_without_text_is_refused():
    assert "no text" in refusal(saved(docx.Document()))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"hello", "no Word document"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Office document"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_no_readable_word_document_is_said_in_a_sentence(data: bytes, says: str):
    assert says in refusal(data)


def test_a_document_cut_off_in_the_middle_is_damaged():
    data = saved(simple())
    assert "damaged" in refusal(data[: len(data) // 2])


def test_a_flipped_byte_is_noticed():
    data = bytearray(saved(simple()))
    data[data.index(b"word/document.xml") + 60] ^= 0xFF
    assert "damaged" in refusal(bytes(data))


def test_a_missing_main_part_is_damaged():
    data = repacked(saved(simple()), lambda name, content: None if name == "word/document.xml" else content)
    assert "damaged" in refusal(data)


def test_macros_are_refused_in_whatever_name():
    data = saved(simple())
    assert "macros" in refusal(repacked(data, lambda _, content: content, **{"word/vbaProject.bin": b"x"}))
    kinds = repacked(data, lambda _, c: c.replace(b"document.main+xml", b"macroEnabled.main+xml"))
    assert "macros" in refusal(kinds)


def test_another_office_document_is_no_word_document():
    data = repacked(saved(simple()), lambda _, c: c.replace(b"wordprocessingml", b"spreadsheetml"))
    assert "no Word document" in refusal(data)


def test_a_zip_bomb_is_refused_before_it_unpacks():
    bomb = repacked(saved(simple()), lambda _, content: content, **{"word/more.xml": b"\0" * 60_000_000})
    assert len(bomb) < 200_000
    assert "unpacks to more" in refusal(bomb, TooLarge)
    pictures = repacked(saved(simple()), lambda _, content: content, **{"word/p.png": b"\0" * 210_000_000})
    assert "unpacks to more" in refusal(pictures, TooLarge)


def test_entities_that_multiply_are_not_followed():
    entities = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def lace(name: str, content: bytes) -> bytes:
        if name != "word/document.xml":
            return content
        return content.replace(b"?>", b"?>" + entities, 1).replace(b"five days", b"&b; days")

    [found] = read_bytes("guide.docx", repacked(saved(simple()), lace))
    assert "aaaa" not in found.text


def test_a_file_beyond_the_limit_is_too_large():
    with pytest.raises(TooLarge):
        read_bytes("guide.docx", saved(simple()), max_bytes=1_000)
