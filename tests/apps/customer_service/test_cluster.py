"""`trivium support cluster`: rows come back whole with a group and its label, or one sentence says why not."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from apps.customer_service.commands import build_commands
from apps.customer_service.pipeline.clustering import cluster_messages
from core.backend import intents
from core.errors import TriviumError
from core.evaluation.clustering import measure_clustering
from core.testing.fakes import LetterEncoder

WANTS = {
    "lost": [
        "hi, I think I left my card on the bus and can't find it",
        "My bank card is lost, please stop it",
        "I lost my card yesterday evening",
        "somebody has stolen my card, what now",
        "my wallet was stolen and the card was in it",
        "good morning, I need to report a lost card",
    ],
    "address": [
        "I moved house and need to change my address",
        "please update my postal address",
        "We live somewhere else now, can you change the address you have",
        "how do I change the address on my account",
        "my new address is 5 Mill Lane, can you save it",
        "hello there, the address in my profile is old, I want it changed",
    ],
    "hours": [
        "when do you open on Saturday",
        "are you open on Sundays",
        "What are your opening hours",
        "until when is the shop in the High Street open",
        "Hey, do you close at noon tomorrow",
        "opening times of the branch near the station please",
    ],
}


class _Closing(LetterEncoder):
    """Counts letters and can be closed."""

    def close(self) -> None:
        """There is nothing to give back."""


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "open_intent_encoder", lambda _: _Closing())


def run(*arguments: str | Path) -> str:
    """returns: standard output"""
    result = CliRunner().invoke(build_commands(), ["cluster", *map(str, arguments)])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_come_back_in_order_with_all_they_had(letters: None, tmp_path: Path):
    rows = [{"id": at, "text": text, "meta": {"ü": [1]}} for at, text in enumerate(["zzz", "aaa", "ZZZ ", "aaa b"])]
    source = written(tmp_path / "in.jsonl", *map(json.dumps, rows))
    told = json.loads(run(source, tmp_path / "out.jsonl", "--json"))
    found = rows_of(tmp_path / "out.jsonl")
    assert [{key: row[key] for key in ("id", "text", "meta")} for row in found] == rows
    assert [row["cluster"] for row in found] == [1, 0, 1, 0]
    assert told["messages"] == 4
    assert [row["cluster_label"] for row in found] == [told["clusters"][row["cluster"]]["label"] for row in found]


def test_packed_files_are_read(letters: None, tmp_path: Path):
    source = tmp_path / "in.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"text": "where is my order"}\n'))
    run(source, tmp_path / "out.jsonl")
    assert [row["cluster"] for row in rows_of(tmp_path / "out.jsonl")] == [0]


def test_an_empty_file_gives_an_empty_file_without_opening_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intents, "open_intent_encoder", lambda _: pytest.fail("a model was opened"))
    told = json.loads(run(written(tmp_path / "in.jsonl"), tmp_path / "out.jsonl", "--json"))
    assert told == {"messages": 0, "clusters": []}
    assert rows_of(tmp_path / "out.jsonl") == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"message": "hi"}', 'Line 2 of in.jsonl has no "text": correct it and try again; nothing was written.'),
        ('{"text": "  "}', 'Line 2 of in.jsonl has no "text": correct it and try again; nothing was written.'),
        ('{"text": 7}', 'Line 2 of in.jsonl has no "text": correct it and try again; nothing was written.'),
        ("{", "Line 2 of in.jsonl is not JSON: correct it and try again; nothing was written."),
    ],
)
def test_a_row_without_text_is_named_in_one_sentence(line: str, sentence: str, tmp_path: Path):
    target = written(tmp_path / "out.jsonl", "as before")
    with pytest.raises(TriviumError) as raised:
        run(written(tmp_path / "in.jsonl", '{"text": "hello"}', line), target)
    assert (str(raised.value), raised.value.exit_code) == (sentence, 2)
    assert target.read_text() == "as before\n"


def test_a_file_of_another_kind_or_none_is_refused(tmp_path: Path):
    for name, fact in (("in.csv", "is not JSON Lines"), ("gone.jsonl", "There is no file")):
        with pytest.raises(TriviumError, match=fact):
            run(tmp_path / name, tmp_path / "out.jsonl")


def test_the_same_message_is_read_once(tmp_path: Path):
    reader = LetterEncoder()
    found = cluster_messages(["Lost card", "lost  card", "zzz"], reader)
    assert reader.texts_seen == 2
    assert found.groups[0] == found.groups[1] != found.groups[2]


@pytest.mark.integration
def test_with_real_weights_wants_are_found_and_named(warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    rows = [{"text": text, "want": want} for want, texts in WANTS.items() for text in texts]
    run(written(tmp_path / "in.jsonl", *map(json.dumps, rows)), tmp_path / "out.jsonl")
    found = rows_of(tmp_path / "out.jsonl")
    groups = [int(str(row["cluster"])) for row in found]
    assert len(set(groups)) == 3
    assert measure_clustering([row["want"] for row in rows], groups)["accuracy"].value == 1.0
    labels = {row["want"]: str(row["cluster_label"]) for row in found}
    assert "card" in labels["lost"]
    assert "address" in labels["address"]
    assert "open" in labels["hours"]
    assert all(2 <= len(label.split()) <= 5 for label in labels.values())
