"""Which companies a text names: tickers, names, words that only look like names; and how much it is about each."""

from dataclasses import dataclass, field

import pytest

from apps.finance_sentiment.pipeline.companies import shipped
from apps.finance_sentiment.pipeline.linking import Linker
from benchmarks import linking as benchmark


@dataclass
class Firm:
    id: str
    name: str
    tickers: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    anticontext: list[str] = field(default_factory=list)


FIRMS = [
    Firm("bell", "Bell Foundry Inc.", ["NYSE:BELL"], ["Bell?"], ["bronze"], ["school", "door"]),
    Firm("mill", "Oat & Mill", ["LSE:OAM"], ["O&M"]),
    Firm("kern", "Kernvik", ["NYSE:K"]),
    Firm("kern-fr", "Kern France", ["EPA:K"]),
    Firm("ge", "GXT", ["NYSE:GX"]),
]


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(FIRMS)


def found(linker: Linker, text: str) -> list[tuple[str, str]]:
    return [(one.entity, text[one.start : one.end]) for one in linker.link(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kernvik\u2019s margin", [("kern", "Kernvik")]),
        ("KERNVIK soars", [("kern", "KERNVIK")]),
        ("kernvik to the moon", [("kern", "kernvik")]),
        ("Kernvikings sail", []),
        ("Kernviks margin, GXTs and gxts", [("kern", "Kernviks"), ("ge", "GXTs")]),
        ("Bells shares", []),
        ("Oat & Mill, O&M and oat mill", [("mill", "Oat & Mill"), ("mill", "O&M")]),
        ("gxt means nothing, GXT is a firm", [("ge", "GXT")]),
        ("$BELL and $bell", [("bell", "$BELL"), ("bell", "$bell")]),
        ("$K or $k, $K2 or US$K", [("kern", "$K")]),
        ("Firms (EPA: K) and (NYSE:K)", [("kern-fr", "EPA: K"), ("kern", "NYSE:K")]),
        ("Kernvik (K) is no bracket of two letters", [("kern", "Kernvik")]),
        ("Bell (BELL) shares rose", [("bell", "Bell"), ("bell", "BELL")]),
        ("A hotel (BELL) on the hill", []),
        ("", []),
        ("🔔 $BELL 🔔", [("bell", "$BELL")]),
    ],
)
def test_names_and_tickers_are_found_whole(linker: Linker, text: str, expected: list[tuple[str, str]]):
    assert found(linker, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bell cuts profit outlook",
        "Analysts expect Bell to grow",
        "Bell Inc. opens a plant",
        "bell shares up again",
        "Demand for bronze helps Bell",
        "Kernvik, Bell in merger talks",
    ],
)
def test_a_doubtful_name_counts_where_enough_speaks_for_it(linker: Linker, text: str):
    assert "bell" in {entity for entity, _ in found(linker, text)}


@pytest.mark.parametrize(
    "text",
    [
        "The bell rang twice.",
        "School bell rings in a new era",
        "Alexander Graham Bell was born in Edinburgh",
        "Bell of the town hall falls silent",
        "Saved by the Bell",
        "ring my bell",
    ],
)
def test_the_same_word_is_not_taken_for_the_company_elsewhere(linker: Linker, text: str):
    assert found(linker, text) == []


def test_a_ticker_in_the_text_settles_the_doubt_about_the_name(linker: Linker):
    assert found(linker, "We met Bell yesterday. $BELL") == [("bell", "Bell"), ("bell", "$BELL")]
    assert found(linker, "The bell rang. $BELL") == [("bell", "$BELL")]


def test_the_title_and_the_first_place_weigh_more_than_an_aside(linker: Linker):
    text = "Kernvik wins order\nAfter a long day a person close to Oat & Mill had nothing to say."
    weights = {one.entity: one.relevance for one in linker.link(text)}
    assert weights["kern"] > weights["mill"] > 0
    alone = linker.link("Kernvik wins order")[0].relevance
    assert weights["kern"] < alone <= 100


def test_of_a_title_only_the_given_characters_count(linker: Linker):
    text = "A day in town. Kernvik wins order."
    assert linker.link(text, title_ends=14)[0].relevance < linker.link(text)[0].relevance


def test_a_long_text_is_read_in_one_pass(linker: Linker):
    text = "bell " * 200_000
    assert linker.link(text) == []


def test_every_shipped_company_is_found_by_its_name_and_by_its_first_ticker():
    edits, _ = shipped()
    assert len(edits) >= 400
    firms = [Firm(key, e.name, e.tickers, e.aliases, e.context, e.anticontext) for key, e in edits.items()]
    linker = Linker(firms)
    for firm in firms:
        assert firm.id in {e for e, _ in found(linker, f"{firm.name} shares rose")}, firm.name
        assert (firm.id, firm.tickers[0]) in found(linker, f"The stock ({firm.tickers[0]}) rose"), firm.tickers


def test_written_sentences_are_linked_as_well_as_is_published():
    listed = benchmark.companies()
    linker = Linker(listed)
    choosing, reported = benchmark.halves(benchmark.read_sentences())
    assert len(choosing) == len(reported) == 200
    assert sum(one.trap for one in reported) == 100
    figures = benchmark.measure(reported, lambda text: [(one.entity, one.start, one.end) for one in linker.link(text)])
    assert figures["f1"]["value"] >= 0.96


def test_the_written_mentions_lie_inside_their_sentences_and_name_shipped_companies():
    known = {one.id for one in benchmark.companies()}
    for sentence in benchmark.read_sentences():
        for entity, start, end in sentence.mentions:
            assert entity in known
            assert sentence.text[start:end].strip() == sentence.text[start:end] != ""
