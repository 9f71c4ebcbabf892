"""The composer quotes; it never adds, changes or joins a word."""

import itertools

from core.generation.extractive import compose
from core.retrieval.documents import Hit, Passage, Signals

FILLER = " ".join(["Padding words make this passage long enough to be cut down."] * 8)


def hit(units: list[str], cosines: list[float], start: int = 100) -> Hit:
    text = "\n".join(units)
    ends = list(itertools.accumulate(len(unit) + 1 for unit in units))
    spans = tuple((end - len(unit) - 1, end - 1) for unit, end in zip(units, ends, strict=True))
    passage = Passage("doc#0", text, start, start + len(text), (), spans)
    signals = Signals(passage=0.5, sentences=tuple(cosines))
    return Hit("doc#0", 1.0, "doc", "Title", "doc.md", passage, {}, signals)


def said(units: list[str], cosines: list[float]) -> list[str]:
    return [quote.text for quote in compose(hit(units, cosines))]


def test_a_short_passage_is_quoted_whole():
    assert said(["Cards are free.", "They come by post."], [0.9, 0.1]) == ["Cards are free.\nThey come by post."]


def test_only_the_closest_sentences_of_a_long_passage_are_quoted():
    assert said([FILLER, "A new card costs £5.", "Ask in the app."], [0.1, 0.9, 0.2]) == ["A new card costs £5."]


def test_quotes_keep_the_order_of_the_source():
    assert said(["First fact.", FILLER, "Second fact."], [0.8, 0.1, 0.9]) == ["First fact.", "Second fact."]


def test_a_step_comes_with_its_neighbours_and_the_line_before_them():
    units = [FILLER, "To freeze the card:", "1. Open the app.", "2. Tap Freeze.", "Call us if that fails."]
    assert said(units, [0.1, 0.4, 0.3, 0.9, 0.2]) == ["To freeze the card:\n1. Open the app.\n2. Tap Freeze."]


def test_an_item_comes_with_the_line_that_introduces_it():
    units = [FILLER, "We do not take back:", "• plants", "• food"]
    assert said(units, [0.1, 0.2, 0.9, 0.3]) == ["We do not take back:\n• plants"]


def test_a_line_that_introduces_comes_with_its_items():
    units = [FILLER, "We do not take back:", "• plants", "• food"]
    assert said(units, [0.1, 0.9, 0.2, 0.3]) == ["We do not take back:\n• plants\n• food"]


def test_spans_point_into_the_document():
    found = hit([FILLER, "A new card costs £5."], [0.1, 0.9], start=40)
    [quote] = compose(found)
    document = "x" * 40 + found.passage.text
    assert document[quote.start : quote.end] == quote.text == "A new card costs £5."


def test_a_passage_without_sentences_is_quoted_itself():
    passage = Passage("row", "Yes.", 0, 4)
    [quote] = compose(Hit("row", 1.0, "row", "", "", passage, {}, Signals(0.9)))
    assert quote.text == "Yes."
