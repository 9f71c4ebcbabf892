"""The benchmarks that pages name can be asked as they are named there, and those on public sets read their format."""

import importlib
import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import recommend, recommend_recbole, retrieval
from core.app import Services

ROOT = Path(__file__).parents[1]
BENCHMARKS = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "benchmarks").rglob("*.py")]
NAMES = sorted(
    ".".join(path.parts).removesuffix(".__main__")
    for path in BENCHMARKS
    if 'if __name__ == "__main__"' in (ROOT / path).with_suffix(".py").read_text(encoding="utf-8")
)
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "core").rglob("*.md"))]
OPTION = r"--[a-z][a-z0-9-]*"
OF_EACH = 60  # dialogues that ask and that do not: 20 of each must be in either half


def named(texts: list[str]) -> list[str]:
    """Every `python -m benchmarks.…` in them, up to the end of the line or of the code."""
    found = [re.findall(r"python -m (benchmarks\.[^`\n]+)", text.replace("\\\n", " ")) for text in texts]
    return sorted({line.strip() for each in found for line in each})


def documented() -> list[str]:
    """The commands in the pages and in what the benchmarks say of themselves."""
    sources = [(ROOT / path).with_suffix(".py") for path in BENCHMARKS]
    return named([path.read_text(encoding="utf-8") for path in (*PAGES, *sources)])


def options_of(name: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The options that its first lines of help name: those that it knows."""
    package = importlib.util.find_spec(name)
    module = importlib.import_module(f"{name}.__main__" if package and package.submodule_search_locations else name)
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
    usage = capsys.readouterr().out.split("\n\n")[0]
    return set(re.findall(OPTION, usage))


@pytest.mark.parametrize("line", documented())
def test_a_benchmark_in_the_docs_exists_with_its_options(line: str, capsys: pytest.CaptureFixture[str]):
    name = line.split()[0]
    assert name in NAMES
    assert set(re.findall(OPTION, line)) <= options_of(name, capsys)


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_is_named_in_a_page(name: str):
    assert re.search(rf"python -m {re.escape(name)}\b(?!\.)", "\n".join(page.read_text("utf-8") for page in PAGES))


def test_without_recbole_the_comparison_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "recbole.config", None)
    with pytest.raises(SystemExit) as ended:
        recommend_recbole.main([str(tmp_path), "--minutes", "1"])
    assert ended.value.code == 1
    assert "install it as this file's head says" in capsys.readouterr().err


def test_new_items_and_a_last_month_are_not_hidden_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        recommend.main([str(tmp_path), "--cold", "--days", "30"])
    assert ended.value.code == 2
    assert "leave --days out" in capsys.readouterr().err


def test_passages_are_found_beside_the_baselines(services: Services, tmp_path: Path):
    written(tmp_path / "passages.jsonl", [{"id": f"p#{at}", "text": word * 3} for at, word in enumerate("abc")])
    written(
        tmp_path / "questions.jsonl",
        [{"question": f"{word} {word}", "document": f"p#{at}"} for at, word in enumerate("abc")],
    )
    figures = retrieval.passages(services, tmp_path)
    assert (figures["n"], figures["hit@1"]["value"]) == (3, 1.0)
    assert set(figures["baselines"]) == {retrieval.BACKBONE, retrieval.WORDS, "reciprocal-rank fusion"}


def test_dialogues_are_measured_with_a_calibration_of_the_other_half(services: Services, tmp_path: Path):
    written(
        tmp_path / "knowledge.jsonl",
        [
            {"id": f"k{at}", "question": f"{letter}{letter} {letter}?", "answer": letter * 4}
            for at, letter in enumerate("abcdef")
        ],
    )
    asks = [
        {"turns": turns("hello there", "abcdef"[at % 6] * 3), "answerable": True, "documents": [f"k{at % 6}"]}
        for at in range(OF_EACH)
    ]
    chats = [
        {"turns": turns("hello there", "xyz"[at % 3] * 3), "answerable": False, "documents": []}
        for at in range(OF_EACH)
    ]
    written(tmp_path / "dialogues.jsonl", asks + chats)
    figures = retrieval.dialogues(services, tmp_path, None, shipped=False)
    assert figures["n"] == OF_EACH
    assert figures["detection_f1"]["value"] == 1.0
    assert figures["found@1"]["value"] == 1.0
    assert figures["R@1"]["value"] == 1.0
    assert 0 < figures["baselines"]["every turn taken for a question"]["detection_f1"]["value"] < 1


def turns(first: str, last: str) -> list[dict[str, str]]:
    return [{"role": "user", "text": first}, {"role": "agent", "text": "yes"}, {"role": "user", "text": last}]


def written(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
