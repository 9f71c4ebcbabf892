"""Causal language models, really trained with two layers: from nothing, further, on conversations; opened elsewhere."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from core.backend.models import open_registry
from core.cli import build_cli
from core.errors import TriviumError
from core.generation.decoder import decoder_of, find_decoder
from core.generation.local import open_local
from core.settings import Settings
from core.training import loop
from core.training.command import Order, run
from tests.core.training.small_talk import architecture, talks, texts
from tests.core.training.tiny import PulledPlug, stop_at, written

WRITER = {"epochs": 8, "batch": 8, "learning_rate": 5e-3}
TALKER = {"epochs": 6, "batch": 4, "learning_rate": 5e-3}


def quiet(*_: object) -> None:
    """Shows nothing."""


def clm(folder: Path, **changed: Any) -> Order:
    data, config = texts(folder / "texts.txt"), architecture(folder / "decoder.json")
    return Order(**{"task": "clm", "data": [data], "name": "writer", "config": config, "chosen": WRITER, **changed})


def dialogue(folder: Path, **changed: Any) -> Order:
    data = talks(folder / "talks.jsonl")
    return Order(
        **{"task": "dialogue", "data": [data], "name": "talker", "base": "writer", "chosen": TALKER, **changed}
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings under which `writer@1` was trained from nothing, and `talker@1` from it."""
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(home=folder / "home")
    run(clm(folder), settings, quiet, quiet)
    run(dialogue(folder), settings, quiet, quiet)
    return settings


def test_a_model_from_nothing_goes_on_as_its_texts_do(house: Settings):
    version = open_registry(house).get("writer")
    card = version.card
    assert list(card.metrics) == ["perplexity", "bits_per_byte"]
    assert card.metrics["perplexity"].value < 4
    assert (card.objective, card.base.name, card.labels) == ("text-generation", "an untrained llama", [])
    assert "text-generation" in card.to_markdown()
    [said] = open_local(decoder_of(version, house)).go_on(["lost card0"])
    assert said.text.startswith(" card1 card2 card3")
    assert 0 < said.confidence <= 1


def test_an_exported_model_opens_in_transformers_and_replies_the_same(house: Settings, tmp_path: Path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = open_registry(house).export("talker", tmp_path / "out") / "decoder"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    for words, expected in (("7 shoe lost", "call us"), ("7 shoe new", "please")):
        turn = {"role": "user", "content": words}
        ids = tokenizer.apply_chat_template([turn], add_generation_prompt=True, return_tensors="pt", return_dict=True)
        theirs = model.generate(**ids, do_sample=False, max_new_tokens=64)[0, ids["input_ids"].shape[1] :]
        [ours] = open_local(find_decoder("talker", house)).reply([(turn,)])  # type: ignore[list-item]
        assert ours.text == tokenizer.decode(theirs, skip_special_tokens=True).strip() == expected
        assert ours.ended


def test_of_a_long_conversation_the_last_turns_are_read_and_a_long_message_is_refused(house: Settings):
    model = open_local(find_decoder("talker", house))
    old = {"role": "user", "content": "card1 " * 60}, {"role": "assistant", "content": "please"}
    turn = {"role": "user", "content": "7 shoe lost"}
    assert model.reply([(*old, turn)]) == model.reply([(turn,)])  # type: ignore[list-item]
    with pytest.raises(TriviumError, match=r"The last message has \d+ tokens of which the model reads 64: shorten it"):
        model.reply([(turn, *old[1:], old[0])])  # type: ignore[list-item]


def test_confidence_is_the_geometric_mean_over_the_tokens_of_the_reply(house: Settings):
    model = open_local(find_decoder("talker", house))
    [said] = model.reply([({"role": "user", "content": "7 shoe lost"},)])
    text = f"<|endoftext|>user\n7 shoe lost<|endoftext|>assistant\n{said.text}<|endoftext|>"
    ids = torch.tensor([model.tokenizer(text)["input_ids"]])
    with torch.no_grad():
        logs = torch.log_softmax(model._model(ids).logits[0, :-1], dim=-1)
    count = len(model.tokenizer(said.text)["input_ids"]) + 1
    found = logs.gather(1, ids[0, 1:, None])[-count:]
    assert said.confidence == pytest.approx(float(found.mean().exp()), rel=1e-4)


def test_rows_are_answered_alike_alone_and_together(house: Settings):
    model = open_local(find_decoder("talker", house))
    talks = [({"role": "user", "content": words},) for words in ("7 cat lost", "17 train 3 call new", "8 cat new")]
    together = model.reply(talks)  # type: ignore[arg-type]
    for talk, reply in zip(talks, together, strict=True):
        [alone] = model.reply([talk])  # type: ignore[list-item]
        assert alone.text == reply.text
        assert alone.confidence == pytest.approx(reply.confidence, rel=1e-3)


def test_an_adapter_learns_above_its_base_and_opens_in_peft(house: Settings, tmp_path: Path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    chosen = {**TALKER, "method": "lora", "learning_rate": 5e-3, "epochs": 3}
    report = run(dialogue(tmp_path, name="adapted", chosen=chosen), house, quiet, quiet)
    figures = report["metrics"]
    assert figures["perplexity"]["high"] < figures["perplexity_of_the_base"]["low"]
    registry = open_registry(house)
    files = set(registry.get("adapted").manifest.files)
    assert "adapter/adapter_model.safetensors" in files
    assert not any(name.startswith("decoder/") for name in files)
    adapter = registry.export("adapted", tmp_path / "out") / "adapter"
    base = AutoModelForCausalLM.from_pretrained(registry.export("writer", tmp_path / "base") / "decoder")
    theirs, tokenizer = PeftModel.from_pretrained(base, adapter).eval(), AutoTokenizer.from_pretrained(adapter)
    turn = {"role": "user", "content": "7 shoe lost"}
    ids = tokenizer.apply_chat_template([turn], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    ours = open_local(find_decoder("adapted", house))
    with torch.no_grad():
        logits = [model(input_ids=ids["input_ids"]).logits for model in (theirs, ours._model)]
    assert torch.allclose(*logits, atol=1e-3)
    written = theirs.generate(**ids, do_sample=False, max_new_tokens=64)[0, ids["input_ids"].shape[1] :]
    assert ours.reply([(turn,)])[0].text == tokenizer.decode(written, skip_special_tokens=True).strip()  # type: ignore[list-item]
    run(dialogue(tmp_path, name="twice", base="adapted", chosen={"epochs": 1, "method": "lora"}), house, quiet, quiet)
    assert len(find_decoder("twice", house).adapters) == 2
    assert open_local(find_decoder("twice", house)).ref == "twice@1"


def test_an_adapter_of_a_directory_needs_that_directory(house: Settings, tmp_path: Path):
    folder = open_registry(house).export("writer", tmp_path / "base") / "decoder"
    order = dialogue(tmp_path, name="far", base=str(folder), chosen={"epochs": 1, "method": "lora"})
    run(order, house, quiet, quiet)
    with pytest.raises(TriviumError, match=r"adapter of 'decoder', which is not here: set TRIVIUM_DECODER"):
        find_decoder("far", house)
    there = find_decoder("far", house.model_copy(update={"decoder": str(folder)}))
    assert len(open_local(there).reply([({"role": "user", "content": "7 shoe lost"},)])) == 1
    other = open_registry(house).export("talker", tmp_path / "other") / "decoder"
    with pytest.raises(TriviumError, match="which is not here"):
        find_decoder("far", house.model_copy(update={"decoder": str(other)}))


def test_training_goes_on_from_a_version_and_is_measured_against_it(house: Settings, tmp_path: Path):
    report = run(clm(tmp_path, config=None, base="writer@1", name="again"), house, quiet, quiet)
    figures = report["metrics"]
    assert figures["perplexity"]["value"] < figures["perplexity_of_the_base"]["value"]
    assert open_registry(house).get("again").card.base.name == "writer@1"


@pytest.mark.parametrize("kind", ["clm", "dialogue", "lora"])
def test_a_run_that_was_stopped_ends_at_the_same_weights(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "REPORT_EVERY_S", 0.0)
    chosen = {"epochs": 1, "batch": 16, **({"method": "lora"} if kind == "lora" else {})}
    name = f"stopped-{kind}"
    make = clm if kind == "clm" else dialogue
    order = make(tmp_path, name=name, chosen=chosen)
    with pytest.raises(PulledPlug):
        run(order, house, quiet, stop_at(3))
    resumed = run(order, house, quiet, quiet)
    at_once = run(order, house, quiet, quiet)
    assert resumed["metrics"] == at_once["metrics"]
    one, other = (open_registry(house).get(f"{name}@{number}") for number in (1, 2))
    assert one.fingerprint == other.fingerprint, "every byte of weights and tokenizer"


def test_bits_per_byte_count_every_byte_once(house: Settings):
    model = open_local(find_decoder("writer", house))
    long = " ".join(f"card{number % 4}" for number in range(400))
    found = model.of_texts([long, "naïve"])
    assert found.bytes.tolist() == [len(long), 6]
    tokens = [len(model.tokenizer(text)["input_ids"]) + 1 for text in (long, "naïve")]
    assert found.tokens.tolist() == tokens
    assert tokens[0] > model.context


def test_the_commands_reply_and_measure(house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIVIUM_HOME", str(house.home))
    cli, out = build_cli()[0], tmp_path / "out.jsonl"

    def do(*words: str) -> str:
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    messages = [{"role": "user", "content": "8 cat new"}, {"role": "assistant", "content": "what"}]
    rows = written(tmp_path / "rows.jsonl", [{"text": "7 cat lost", "n": 1}, {"messages": messages}])
    do("predict", "--model", "talker", "--data", str(rows), "--out", str(out))
    first, second = map(json.loads, out.read_text().splitlines())
    assert (first["n"], first["prediction"], first["probabilities"]) == (1, "call us", {})
    assert second["messages"] == messages
    assert second["prediction"] == "please"
    do("predict", "--model", "writer", "--data", str(written(rows, [{"text": "lost cat0"}])), "--out", str(out))
    assert json.loads(out.read_text())["prediction"].startswith(" cat1 cat2 cat3")
    told = json.loads(do("evaluate", "--model", "talker", "--data", str(talks(rows, seed=2)), "--json"))
    figure = told["figures"]["perplexity"]
    assert figure["low"] <= figure["value"] <= figure["high"] < 2
    assert (told["model"], told["n"]) == ("talker@1", 120)
    assert "bits per byte" in do("evaluate", "--model", "writer", "--data", str(texts(tmp_path / "t.txt", 30)))
    with pytest.raises(TriviumError, match="--audit is for models that give labels, and talker@1 writes"):
        do("evaluate", "--model", "talker", "--data", str(rows), "--audit")
    with pytest.raises(TriviumError, match="--explain is for models that give labels"):
        do("predict", "--model", "talker", "--data", str(rows), "--out", str(out), "--explain")
    written(rows, [{"text": "lost cat"}, {"messages": "new cat"}])
    with pytest.raises(TriviumError, match=r'Line 2 of rows\.jsonl has "messages" that are no list'):
        do("predict", "--model", "talker", "--data", str(rows), "--out", str(out))


def test_what_is_evaluated_is_what_the_card_says(house: Settings, tmp_path: Path):
    valid = talks(tmp_path / "valid.jsonl", 30, seed=5)
    chosen = {"epochs": 1}
    report = run(dialogue(tmp_path, name="same", valid=[valid], chosen=chosen), house, quiet, quiet)
    from core.training.conversations import read_conversations

    found = open_local(find_decoder("same", house)).of_replies(read_conversations([valid]).rows)
    perplexity = math.exp(found.nats.sum() / found.tokens.sum())
    assert perplexity == pytest.approx(report["metrics"]["perplexity"]["value"], abs=1e-3)


def test_what_cannot_be_trained_is_said_before_any_work(house: Settings, tmp_path: Path):
    few = talks(tmp_path / "few.jsonl", 3)
    mute = written(tmp_path / "mute.jsonl", [{"text": "hi"}])
    lorn = written(tmp_path / "lorn.jsonl", [{"messages": [{"role": "user", "content": "hi"}]}])
    folder = tmp_path / "folder"
    folder.mkdir()
    wrong: list[tuple[Order, str]] = [
        (dialogue(tmp_path, base=""), "Dialogue needs a causal language model to begin with: give --base"),
        (dialogue(tmp_path, base="nobody"), "'nobody' is neither a directory nor a trained model"),
        (dialogue(tmp_path, base="./no/where"), "is neither a directory nor a trained model"),
        (dialogue(tmp_path, base=str(folder)), "lacks config.json: save the model as safetensors"),
        (dialogue(tmp_path, data=[few]), "only 3 conversations that begin differently: give at least 10"),
        (dialogue(tmp_path, data=[mute]), r"Line 1 of mute\.jsonl has no reply of the assistant to the user"),
        (dialogue(tmp_path, data=[lorn]), r"Line 1 of lorn\.jsonl has no reply of the assistant to the user"),
        (dialogue(tmp_path, chosen={"method": "head"}), "--method head is for tasks of labels, and dialogue is none"),
        (dialogue(tmp_path, chosen={"max_tokens": 8}), "Nothing is short enough for the model to read"),
        (dialogue(tmp_path, config=tmp_path / "decoder.json"), "--config is for clm without --base"),
        (clm(tmp_path, chosen={"method": "lora"}), "--method lora needs a base to stand on"),
        (clm(tmp_path, config=architecture(tmp_path / "a.json", model_type="no")), "Unrecognized model identifier"),
        (clm(tmp_path, config=architecture(tmp_path / "b.json", model_type=7)), r'B\.json names no "model_type"'),
        (clm(tmp_path, config=architecture(tmp_path / "c.json", hidden_size="x")), "expected int, got str"),
        (clm(tmp_path, config=architecture(tmp_path / "d.json", hidden_size=30, num_attention_heads=4)), "hidden size"),
        (clm(tmp_path, config=architecture(tmp_path / "e.json", model_type="bert")), "its words look ahead"),
        (clm(tmp_path, config=architecture(tmp_path / "f.json", vocab_size="x")), "has a vocab_size of 'x'"),
        (clm(tmp_path, config=few), "cannot be read as JSON"),
    ]
    for order, sentence in wrong:
        with pytest.raises(TriviumError, match=sentence):
            run(order, house, quiet, quiet)


def test_an_encoder_is_no_base_for_writing(house: Settings, backbone: Path, tmp_path: Path):
    with pytest.raises(TriviumError, match="has neither a chat template nor an end-of-text token"):
        run(dialogue(tmp_path, base=str(backbone)), house, quiet, quiet)
    mixed = open_registry(house).export("writer", tmp_path / "out") / "decoder"
    for name in ("config.json", "model.safetensors"):
        (mixed / name).write_bytes((backbone / name).read_bytes())
    with pytest.raises(TriviumError, match=r"Decoder lacks weights of a causal language model, such as cls\."):
        run(dialogue(tmp_path, base=str(mixed)), house, quiet, quiet)
