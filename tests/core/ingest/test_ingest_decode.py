# ruff: noqa: RUF001  look-alike characters are what is tested
"""Bytes to text: encodings, binary files, hidden characters."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.ingest.characters import clean
from core.ingest.decode import decode
from core.ingest.files import read_bytes

ENGLISH = "question,answer\nHow much is delivery?,It costs £3.95 and is free from £40.\nAnd a refund?,5 working days.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_or_without_a_mark_is_read(encoding: str):
    assert decode("a.txt", ENGLISH.encode(encoding)) == ENGLISH


def test_utf_16_of_the_other_byte_order_is_read():
    assert decode("a.txt", codecs.BOM_UTF16_BE + ENGLISH.encode("utf-16-be")) == ENGLISH


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", ENGLISH),
        ("cp1252", "¿Cuánto cuesta el envío? El envío estándar cuesta 3,95 € y tarda de tres a cinco días laborables."),
        ("cp1250", "Zwrot jest możliwy w ciągu trzydziestu dni. Prosimy zachować oryginalne opakowanie i numer."),
        ("cp1251", "Доставка бесплатна при заказе от четырёх тысяч рублей."),
        ("cp932", "返品は三十日以内に可能です。元の梱包と注文番号を保管してください。"),
        ("gb18030", "退货可在三十天内进行。请保留原包装和订单号。运费由我们承担。"),
    ],
)
def test_an_old_encoding_is_read_where_it_leads_clearly(encoding: str, text: str):
    assert decode("a.txt", text.encode(encoding)) == text


@pytest.mark.parametrize(
    "data",
    [
        "Café £5".encode("cp1252"),  # too short to tell
        "L'article dans les trente jours après la réception, s'il a été ouvert.".encode("cp1252"),  # or cp1250
        bytes(range(128, 256)),
        codecs.BOM_UTF8 + b"\xff",
    ],
)
def test_a_guess_is_refused(data: bytes):
    with pytest.raises(Invalid) as caught:
        read_bytes("a.txt", data)
    assert "UTF-8" in str(caught.value)
    assert str(caught.value).endswith("save it as UTF-8 and try again.")


def test_broken_utf_16_is_refused():
    with pytest.raises(Invalid, match=r"'a\.txt' is broken UTF-16 text"):
        read_bytes("a.txt", codecs.BOM_UTF16_LE + b"a\x00b")


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt", "a.csv", "a.jsonl"])
def test_nul_characters_are_refused(name: str):
    with pytest.raises(Invalid, match=f"'{name}' holds NUL characters, so it is not plain text"):
        read_bytes(name, b"text\nwith\0nul")


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.4 ...", "a PDF"), (b"PK\x03\x04", "a zip archive"), (b"\x89PNG\r\n", "a PNG picture")]
)
def test_another_format_by_the_name_of_text_is_called_by_what_it_is(data: bytes, kind: str):
    with pytest.raises(Invalid, match=f"'a.md' is {kind}"):
        read_bytes("a.md", data)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("pass\u200bword\u2060", "password"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("Hi\U000e0049\U000e0067\U000e006e!", "Hi!"),  # "Ign" in tag characters
        ("x\U000e0101y\ufe00z", "xyz"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\x07b\x1bc\x85d", "abc\nd"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("ad\u200cmin", "admin"),
        ("e\u0301\u200dx", "éx"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),  # the joiner is part of the spelling
        ("👩\u200d💻", "👩\u200d💻"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("cafe\u0301", "café"),
        ("ﬁne oﬃce", "fine office"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_hidden_characters_go_and_spelling_stays(written: str, seen: str):
    assert clean(written) == seen


def test_hidden_characters_written_as_entities_go_as_well():
    assert read_bytes("a.html", b"<p>pass&#8203;word &#x202e;x</p>")[0].text == "password x"
    assert read_bytes("a.md", b"pass&#8203;word")[0].text == "password"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str):
    once = clean(text)
    assert clean(once) == once
    assert "\0" not in once
    once.encode()
