"""Commands of README and guides, read from the page as they stand there and typed one after the other."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cli import build_cli

ROOT = Path(__file__).parents[1]
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")


def guide(name: str) -> str:
    """name: of a file in docs/guides, without its ending"""
    return (ROOT / "docs" / "guides" / f"{name}.md").read_text(encoding="utf-8")


def blocks(page: str, language: str = "sh") -> list[str]:
    """The blocks of code of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)


def lines(page: str, language: str = "sh") -> list[str]:
    """All lines of these blocks that are not empty."""
    return [line for block in blocks(page, language) for line in block.splitlines() if line]


def typed(line: str) -> Result:
    """Type a `trivium …`, which goes well."""
    program, *words = shlex.split(line)
    assert program == "trivium", line
    done = CliRunner().invoke(build_cli()[0], words, catch_exceptions=False)
    assert done.exit_code == 0, (line, done.output)
    return done


def requested(line: str, names: Mapping[str, str]) -> str:
    """Type a `curl …`. names: what stands behind its `$NAME`s;  returns: the body of the answer, which is no error"""
    assert line.startswith("curl "), line
    done = subprocess.run(
        ["bash", "-c", f"{line} -w '\\n%{{http_code}}'"],
        env={**os.environ, **names},
        capture_output=True,
        text=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    assert status in {"200", "201", "202", "204"}, (line, done.stdout)
    return body
