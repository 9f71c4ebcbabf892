"""The shipped tagger on messages written for these tests, its speed, and what it does not need."""

import statistics
import subprocess
import sys
import time

import pytest

from core.errors import Misconfigured
from core.evaluation.spans import measure_spans
from core.privacy import TYPES, find
from core.privacy.patterns import find_by_patterns
from core.privacy.tagger import read_tagger, shipped, write_tagger
from tests.core.privacy.messages import to_report


def figures(finder):
    rows = to_report()
    said = [[(span.start, span.end, span.type) for span in finder(text)] for text, _ in rows]
    return measure_spans([marks for _, marks in rows], said, TYPES, "overlap")


def test_chat_messages_are_read_better_than_by_patterns_alone():
    ours, patterns = figures(find)["all"], figures(find_by_patterns)["all"]
    assert ours.recall.value > patterns.recall.value
    assert ours.recall.value >= 0.85
    assert ours.precision.value >= 0.85


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi im jonas from berlin", "jonas"),
        ("thanks sarah, that helped", "sarah"),
        ("Maybe it's under Mathias Ruud", "Mathias Ruud"),
        ("my husband Luca Bianchi placed the order", "Luca Bianchi"),
    ],
)
def test_a_name_is_found_by_its_company(text: str, name: str):
    assert [text[span.start : span.end] for span in find(text)] == [name]


@pytest.mark.parametrize("text", ["Where is my order?", "may i return it in march", "Is the Pro version worth it?"])
def test_everyday_messages_hold_nothing(text: str):
    assert find(text) == ()


def test_types_can_be_chosen():
    assert find("jo@example.org, 192.0.2.1", frozenset({"IP_ADDRESS"}))[0].type == "IP_ADDRESS"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "😀😀", "\u202eabc", "a" * 5_000, "Anna " * 2_000])
def test_odd_texts_are_read_to_their_end(text: str):
    assert all(0 <= span.start < span.end <= len(text) for span in find(text))


def test_a_message_takes_well_under_ten_milliseconds():
    texts = [text for text, _ in to_report()]
    find(texts[0])
    took = []
    for text in texts:
        began = time.process_time()
        find(text)
        took.append(time.process_time() - began)
    assert statistics.median(took) < 0.005


def test_masking_loads_neither_torch_nor_a_runtime():
    code = (
        "import sys; from core.privacy import mask; mask('I am Ann'); "
        "sys.exit(bool({'torch', 'transformers', 'openvino', 'sklearn', 'spacy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_weights_for_other_features_are_refused(tmp_path):
    write_tagger(tmp_path, shipped())
    data, words = (tmp_path / "tagger.safetensors").read_bytes(), (tmp_path / "tagger.json").read_text()
    assert read_tagger(data, words).labels == shipped().labels
    assert len(data) < 4_000_000
    with pytest.raises(Misconfigured, match="train it again"):
        read_tagger(data, words.replace('"features": 1', '"features": 0'))
