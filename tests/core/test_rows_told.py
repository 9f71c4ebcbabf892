"""Rows of files where some lines cannot be read: the first is raised, or all are told and the others read."""

from pathlib import Path

import pytest

from core.rows import BadRow, read_rows


@pytest.mark.parametrize(
    ("name", "content", "bad"),
    [
        ("a.jsonl", '{"text": "one"}\n{\n7\n{"text": "two"}\n', [2, 3]),
        ("a.csv", f'text\none\n"{"x" * 10_000_001}"\ntwo\n', [3]),
    ],
)
def test_lines_that_cannot_be_read_are_told_and_the_others_read(
    tmp_path: Path, name: str, content: str, bad: list[int]
):
    (tmp_path / name).write_text(content)
    told: list[BadRow] = []
    assert [row.fields["text"] for row in read_rows(tmp_path / name, told=told.append)] == ["one", "two"]
    assert [f"line {line} of {name}" in fault.fact for line, fault in zip(bad, told, strict=True)] == [True] * len(bad)
    with pytest.raises(BadRow, match=f"Line {bad[0]} of"):
        list(read_rows(tmp_path / name))
