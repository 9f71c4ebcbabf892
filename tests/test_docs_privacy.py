"""The guide to personal data does what is written there."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.guides import guide, lines, typed

GUIDE = guide("privacy")


def test_the_guides_commands_mask_a_file():
    for line in lines(GUIDE):
        if line.startswith("trivium"):
            typed(line)
        else:
            subprocess.run(["bash", "-c", line], check=True)
    [row] = [json.loads(line) for line in Path("masked.jsonl").read_text(encoding="utf-8").splitlines()]
    assert row["n"] == 1
    assert row["text"] == "hi im jonas, write to jo@example.org"
    assert f"`{row['masked']}`" in GUIDE
    assert [row["text"][span["start"] : span["end"]] for span in row["spans"]] == ["jonas", "jo@example.org"]


def test_what_the_guide_says_of_the_code_is_so():
    known: dict[str, Any] = {}
    for line in lines(GUIDE, "python"):
        code, _, told = line.partition("  # ")
        if told:
            assert repr(eval(code, known)) == told, code
        else:
            exec(code, known)


def test_the_guide_names_every_type():
    from core.privacy import PLACEHOLDERS

    for kind, word in PLACEHOLDERS.items():
        assert f"| `{kind}` |" in GUIDE
        assert f"| `[{word}]` |" in GUIDE
