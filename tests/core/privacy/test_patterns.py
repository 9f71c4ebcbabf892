"""Values with a form, values with a word beside them, and what only looks like one."""

import time

import pytest

from core.privacy.patterns import find_by_patterns
from core.privacy.spans import Span, without_overlaps


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in find_by_patterns(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("reach me at jo.b+shop@mail.example.co.uk.", "EMAIL_ADDRESS", "jo.b+shop@mail.example.co.uk"),
        ("jo (at) example (dot) org", "EMAIL_ADDRESS", "jo (at) example (dot) org"),
        ("see https://example.org/a?b=1, please", "DOMAIN_NAME", "https://example.org/a?b=1"),
        ("cheaper on bargains-example.co.uk today", "DOMAIN_NAME", "bargains-example.co.uk"),
        ("from 192.0.2.17 tonight", "IP_ADDRESS", "192.0.2.17"),
        ("from 2001:db8::1 tonight", "IP_ADDRESS", "2001:db8::1"),
        ("pay DE89 3704 0044 0532 0130 00 is mine", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("with a typing error: DE88370400440532013000", "IBAN_CODE", "DE88370400440532013000"),
        ("4111-1111-1111-1111 was charged", "CREDIT_CARD", "4111-1111-1111-1111"),
        ("my card 4111 1111 1111 1112 is wrong by a digit", "CREDIT_CARD", "4111 1111 1111 1112"),
        ("it is 219-09-9999", "US_SSN", "219-09-9999"),
        ("ssn: 219099999", "US_SSN", "219099999"),
        ("call +44 7911 123456 now", "PHONE_NUMBER", "+44 7911 123456"),
        ("my number is 467 3395", "PHONE_NUMBER", "467 3395"),
        ("on 3rd of May we moved", "DATE_TIME", "3rd of May"),
        ("since 2026-02-28 09:15:00 it is dead", "DATE_TIME", "2026-02-28 09:15:00"),
        ("the 84 year old man", "AGE", "84"),
        ("zip code is 94110", "ZIP_CODE", "94110"),
        ("driver's license number is F162823540116", "US_DRIVER_LICENSE", "F162823540116"),
        ("order number: 10023345", "ID", "10023345"),
        ("parcel 1Z999AA10123456784 is lost", "ID", "1Z999AA10123456784"),
        ("to 22 Maple Avenue, please", "STREET_ADDRESS", "22 Maple Avenue"),
        ("wohne in der Lindenstraße 7a", "STREET_ADDRESS", "Lindenstraße 7a"),
        ("24 rue de Rivoli is closed", "STREET_ADDRESS", "24 rue de Rivoli"),
        ("my name is anna lind and i wait", "PERSON", "anna lind"),
        ("Dear Mrs. van den Berg, hello", "PERSON", "van den Berg"),
    ],
)
def test_a_value_is_found_whole(text: str, kind: str, value: str):
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "firmware v1.2.3.4 is out",
        "open from 12:30:45 on",
        "10.20.300.1 is no address of a machine",
        "it was 149.99 and is 1,299 now",
        "I may march in august",
        "order 2023 chairs",
        "the WH-1000XM5 and the RTX 4070",
        "we have 24/7 support and 3 drives",
        "hi there, i'm waiting",
        "Dear customer service",
        "0000 0000 0000 0000",
        "it weighs 12.5.",
    ],
)
def test_what_only_looks_like_a_value_is_left(text: str):
    assert found(text) == []


def test_of_two_readings_the_surer_stays():
    assert found("iban GB82WEST12345698765432") == [("IBAN_CODE", "GB82WEST12345698765432")]
    assert found("card 4111111111111111, phone 0911 1234567") == [
        ("CREDIT_CARD", "4111111111111111"),
        ("PHONE_NUMBER", "0911 1234567"),
    ]


def test_a_long_message_takes_time_in_proportion():
    for text in (
        "1.2.3.4 " * 9_000,
        "a" * 90_000,
        "order " * 12_000,
        "12 a " * 15_000,
        "my name is a " * 6_000,
        " " * 90_000,
    ):
        began = time.process_time()
        find_by_patterns(text)
        assert time.process_time() - began < 5, text[:12]


def test_spans_never_overlap_and_the_first_group_wins():
    kept = without_overlaps([Span(4, 6, "ID")], [Span(0, 5, "PERSON"), Span(6, 9, "AGE"), Span(7, 8, "ID")])
    assert kept == (Span(4, 6, "ID"), Span(6, 9, "AGE"))
