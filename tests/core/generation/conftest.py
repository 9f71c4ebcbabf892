"""A dialogue model of two layers, trained here in seconds."""

from pathlib import Path

import pytest

from core.settings import Settings
from core.training.command import Order, run
from tests.core.training.small_talk import architecture, talks, texts


def quiet(*_: object) -> None:
    """Shows nothing."""


def train_talker(folder: Path, more: str = "", **changed: object) -> Settings:
    """more: a text whose words its tokenizer shall know;  changed: of the architecture

    returns: settings under which `talker@1` says "call us" to whoever has lost a thing, "please" to others"""
    folder.mkdir(exist_ok=True)
    settings = Settings(home=folder / "home")
    chosen = {"epochs": 8, "batch": 8, "learning_rate": 5e-3}
    config, data = architecture(folder / "decoder.json", **changed), texts(folder / "texts.txt")
    data.write_text(data.read_text() + more, encoding="utf-8")
    run(
        Order(task="clm", data=[data], name="writer", config=config, chosen=chosen),
        settings,
        quiet,
        quiet,
    )
    chosen = {"epochs": 6, "batch": 4, "learning_rate": 5e-3}
    talk = talks(folder / "talks.jsonl")
    run(Order(task="dialogue", data=[talk], name="talker", base="writer", chosen=chosen), settings, quiet, quiet)
    return settings


@pytest.fixture(scope="session")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose registry holds `talker@1`."""
    return train_talker(tmp_path_factory.mktemp("talker"))
