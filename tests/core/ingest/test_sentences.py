# ruff: noqa: RUF001  look-alike punctuation is what is tested
"""Where a sentence ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.sentences import split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


# "‖" stands where a unit has to end.
CASES = [
    "Your parcel is on its way.‖ It arrives tomorrow.",
    "Standard delivery costs £3.95.‖ It is free from £40.",
    "The fee is 1.5 % (min. £1.50) abroad.‖ At home it is free.",
    "Bring proof, e.g. a receipt, to the shop.‖ We copy it.",
    "Bring proof (i.e. the order number).‖ We need nothing else.",
    "Mr. Hill and Dr. Patel signed.‖ Ms. Lee did not.",
    "See No. 12 on the list.‖ It is new.",
    "Do you ship abroad?‖ No.‖ We deliver in the UK only.",
    "We ship to the U.S. Government only.‖ Others wait.",
    "It left the U.S.‖ The parcel is in Leith now.",
    "We open at 8 a.m. Monday to Friday.‖ Come early.",
    "We close at 8 p.m.‖ The chat stays open.",
    "Acme Ltd. London is our partner.‖ Acme Inc. is not.",
    "We asked Acme Ltd.‖ They said yes.",
    "J. K. Rowling wrote it.‖ I read it.",
    "Choose plan B.‖ It is cheaper.",
    "Visit pebblewick.example/help.‖ Or write to help@pebblewick.example.‖ We answer.",
    "Open https://pebblewick.example/returns?id=4.2 now.‖ Then print.",
    "Order before 14:00.‖ Delivery is 8:00–20:00.‖ Ring twice.",
    "Really?!‖ Yes!‖ Good...‖ Let us go on.",
    "Wait… and then press it.‖ Done.",
    "He said “It broke.”‖ Then he left.",
    "“Is it free?” she asked.‖ “Yes.”",
    "Press “Yes!” to confirm.‖ Wait.",
    'She wrote "Not received." and sent it.‖ We replied.',
    "It works (really.)‖ Try it.",
    "Keep the box.‖ (You may need it.)‖ Thank you.",
    "iPhones work.‖ iPads do, too.‖ eBay does not.",
    "It takes approx. 5 days incl. VAT checks.‖ Be patient.",
    "Tools, parts etc. are free.‖ Bags, boxes etc.‖ Shipping is not.",
    "It arrives on Mon. 3 May at the latest.‖ Or on Tue. 4 May.",
    "Call tel. 0800 555 0147.‖ Ask for ext. 12.",
    "See fig. 3 and pp. 4–6.‖ Then stop.",
    "1. Open the app.‖ 2. Tap Card.‖ 3. Done.",
    "Steps: 1. Open the app.‖ 2. Tap Card.",
    "It costs £5.‖ 30 days later it costs £6.",
    "¿Cuánto cuesta el envío?‖ ¡Es gratis!‖ ¿seguro?",
    "退货可在三十天内进行。‖请保留原包装！‖可以吗？‖可以。",
    "「返品できます。」‖送料は無料です。",
    "یہ مفت ہے۔‖ شکریہ۔",
    "क्या यह मुफ़्त है?‖ हाँ।‖ धन्यवाद।",
    "هل هو مجاني؟‖ نعم.",
    "Das gilt z.B. für Bücher.‖ Versand kostet 3,95 €.",
    "Great!‖ 😀 Thanks.",
    "One thing — two things.‖ Three.",
    "No full stop at the end",
    "A line‖\n\nAnother paragraph",
    "Bring:‖\n• the box‖\n• the receipt.‖ It matters.",
    "Express | £6.95 | Next day. If ordered early.‖\nStandard | £3.95 | 3–5 days.",
    "Sizes:‖\n1) small‖\n2) large",
    "14 Harbour Row‖\nLeith‖\nEdinburgh",
    "A line that was wrapped at the edge of the page by an editor\nthat counts columns goes on.‖ Good.",
    "This line is wrapped early because the next word is,\nextraordinarily-long-and-unbreakable-as-words-go.‖ Yes.",
    "Stop.\n\n***‖\n\nGo.",
]


@pytest.mark.parametrize("marked", CASES)
def test_a_unit_ends_where_a_reader_would_end_it(marked: str):
    assert split(marked.replace("‖", "")) == [unit.strip() for unit in marked.split("‖")]


def test_a_line_break_always_ends_a_unit_where_lines_are_not_wrapped():
    text = "A line that was wrapped at the edge of the page by an editor\nthat counts columns goes on."
    assert len(split_sentences(text)) == 1
    assert len(split_sentences(text, wrapped=False)) == 2


@pytest.mark.parametrize("blank", ["", " ", "\n\n \t"])
def test_white_space_has_no_units(blank: str):
    assert split_sentences(blank) == []


def test_a_million_full_stops_take_no_time():
    assert len(split_sentences("." * 1_000_000)) == 1


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list(' \n.!?…|•-1aA"”)。:')))))
def test_units_ascend_and_cover_all_that_is_not_white_space(text: str):
    at = 0
    for start, end in split_sentences(text):
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        at = end
    assert not text[at:].strip()
