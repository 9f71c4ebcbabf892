"""Folders, files and uploads: what is read, what fails alone, and in which words."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Invalid, NotFound, TooLarge
from core.ingest.files import EXTENSIONS, FailedSource, read_bytes, read_sources
from core.retrieval.documents import Document


def read(*paths: Path, max_bytes: int = 1_000_000) -> tuple[list[Document], list[FailedSource]]:
    found = list(read_sources(paths, max_bytes=max_bytes))
    documents = [source for source in found if isinstance(source, Document)]
    return documents, [source for source in found if isinstance(source, FailedSource)]


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_bytes(name, data)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    (root / "b").mkdir(parents=True)
    (root / "c.md").write_text("# C\n\nsee")
    (root / "b" / "x.TXT").write_text("ex")
    (root / "a.html").write_text("<p>ay")
    (root / "picture.png").write_bytes(b"\x89PNG")
    (root / ".hidden.md").write_text("no")
    (root / ".git").mkdir()
    (root / ".git" / "y.md").write_text("no")
    return root


def test_a_folder_is_read_in_the_order_of_names_without_what_is_hidden_or_unknown(folder: Path, check):
    documents, failed = read(folder)
    assert [check(document).key for document in documents] == ["a.html", "b/x.TXT", "c.md"]
    assert [document.source for document in documents] == ["a.html", "b/x.TXT", "c.md"]
    assert failed == []


def test_a_file_is_named_by_its_name(folder: Path):
    documents, _ = read(folder / "b" / "x.TXT", folder / ".hidden.md")
    assert [document.key for document in documents] == ["x.TXT", ".hidden.md"]


def test_a_bad_file_fails_alone_and_is_named(folder: Path):
    (folder / "b" / "bad.csv").write_text("nothing,useful\n1,2\n")
    (folder / "empty.md").write_text(" \n")
    documents, failed = read(folder)
    assert len(documents) == 3
    assert [(source.name, str(source.error).split(":")[0]) for source in failed] == [
        ("b/bad.csv", "'b/bad.csv' has the columns nothing, useful, but needs 'question' and 'answer' or 'text'"),
        ("empty.md", "'empty.md' is empty"),
    ]


def test_a_row_file_with_a_bad_row_yields_none_of_its_rows(tmp_path: Path):
    (tmp_path / "faq.csv").write_text("question,answer\nGood?,Yes.\nBad?,\n")
    documents, failed = read(tmp_path)
    assert documents == []
    assert "line 3" in str(failed[0].error)


def test_an_unknown_kind_is_passed_over_in_a_folder_but_refused_when_named(folder: Path):
    documents, failed = read(folder / "picture.png")
    assert documents == []
    assert str(failed[0].error) == (
        f"'picture.png' is of a kind that cannot be read: save it in one of these formats: {', '.join(EXTENSIONS)}."
    )


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path):
    _, (failed,) = read(tmp_path / "gone.md")
    assert isinstance(failed.error, NotFound)
    assert failed.name == str(tmp_path / "gone.md")


def test_a_folder_with_nothing_to_read_says_so(tmp_path: Path):
    _, (failed,) = read(tmp_path)
    assert "holds no file that can be read" in str(failed.error)


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path):
    (tmp_path / "x.md").mkdir()
    (tmp_path / "x.md" / "in.md").write_text("inside")
    assert [document.key for document in read(tmp_path)[0]] == ["x.md/in.md"]
    assert [document.key for document in read(tmp_path / "x.md")[0]] == ["in.md"]


def test_a_link_that_leads_back_is_followed_once(folder: Path):
    (folder / "b" / "again").symlink_to(folder)
    documents, failed = read(folder)
    assert [document.key for document in documents] == ["a.html", "b/x.TXT", "c.md"]
    assert failed == []


def test_a_linked_folder_is_read(folder: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "z.md").write_text("zed")
    (folder / "d").symlink_to(tmp_path / "elsewhere")
    assert "d/z.md" in [document.key for document in read(folder)[0]]


def test_links_in_a_circle_and_to_nowhere_fail_alone(folder: Path):
    (folder / "circle.md").symlink_to(folder / "circle.md")
    (folder / "nowhere.md").symlink_to(folder / "gone.md")
    documents, failed = read(folder)
    assert len(documents) == 3
    assert [source.name for source in failed] == ["circle.md", "nowhere.md"]
    assert all("cannot be read (" in str(source.error) for source in failed)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_fails_alone(folder: Path):
    (folder / "c.md").chmod(0)
    documents, (failed,) = read(folder)
    assert len(documents) == 2
    assert str(failed.error) == "'c.md' cannot be read (permission denied): check the file and its permissions."


def test_a_pipe_is_not_waited_for(folder: Path):
    os.mkfifo(folder / "pipe.md")
    _, (failed,) = read(folder)
    assert "'pipe.md' is not a regular file" in str(failed.error)


def test_a_file_of_500_megabytes_is_refused_unread(tmp_path: Path):
    with (tmp_path / "big.md").open("wb") as file:
        file.truncate(500_000_000)  # sparse: takes no space
    began = time.monotonic()
    _, (failed,) = read(tmp_path, max_bytes=50_000_000)
    assert time.monotonic() - began < 1
    assert isinstance(failed.error, TooLarge)
    assert str(failed.error) == (
        "'big.md' has 500 MB, more than the 50 MB that one file may have: split it, or raise TRIVIUM_MAX_UPLOAD_BYTES."
    )


def test_an_upload_beyond_the_limit_is_refused():
    with pytest.raises(TooLarge, match="has 11 bytes, more than the 10 bytes"):
        read_bytes("a.md", b"hello there", max_bytes=10)


def test_the_same_id_in_two_files_names_both_places(tmp_path: Path):
    (tmp_path / "a.csv").write_text("id,question,answer\nf1,Free?,Yes.\n")
    (tmp_path / "b.csv").write_text("id,question,answer\nf2,Fast?,Yes.\nf1,Free?,No.\n")
    documents, (failed,) = read(tmp_path)
    assert [document.key for document in documents] == ["f1"]
    assert failed.name == "b.csv"
    assert str(failed.error).startswith("'b.csv row 3' and 'a.csv row 2' have the same id 'f1'")


def test_an_id_that_names_a_passage_of_another_file_is_refused(tmp_path: Path):
    (tmp_path / "a.md").write_text("words")
    (tmp_path / "b.jsonl").write_text('{"id": "a.md#0", "text": "other"}')
    _, (failed,) = read(tmp_path)
    assert "have the same id 'a.md#0'" in str(failed.error)


def test_two_folders_with_the_same_file_name_are_told_apart_by_a_clear_error(tmp_path: Path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_text(folder)
    documents, (failed,) = read(tmp_path / "one", tmp_path / "two")
    assert [document.text for document in documents] == ["one"]
    assert "'a.md' and 'a.md' have the same id 'a.md'" in str(failed.error)


@pytest.mark.parametrize(
    ("given", "key"),
    [("C:\\docs\\a.md", "docs/a.md"), ("../../etc/a.md", "etc/a.md"), ("/a.md", "a.md"), ("a\u202e\n.md", "a .md")],
)
def test_the_name_of_an_upload_climbs_nowhere(given: str, key: str):
    assert read_bytes(given, b"words")[0].key == key


def test_a_name_that_is_no_unicode_is_read_all_the_same(tmp_path: Path):
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("words")
    assert [document.key for document in read(tmp_path)[0]] == ["caf\ufffd.md"]


def test_a_name_that_the_index_could_not_hold_is_refused():
    assert "has more than 480 characters in its name" in refusal("x" * 600 + ".md", b"words")


@pytest.mark.parametrize("name", ["a", "a.doc", ".md", "", "..", "a.gz"])
def test_a_name_without_a_known_kind_is_refused(name: str):
    assert "is of a kind that cannot be read" in refusal(name, b"words")


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt", "a.csv", "a.jsonl", "a.pdf", "a.jsonl.gz"])
@pytest.mark.parametrize("data", [b"", b" \r\n\t"])
def test_an_empty_file_is_refused(name: str, data: bytes):
    assert refusal(name, data) == f"'{name}' is empty: leave it out, or put some text into it."


def test_a_file_with_headings_alone_is_refused():
    assert "has no text besides headings" in refusal("a.md", b"# Title\n\n## Another\n")


def test_a_thousand_files_are_read_in_seconds(tmp_path: Path):
    article = "# Title\n\nSome *words* here.\n\n" + "## Part\n\nA sentence. Another one.\n\n- an item\n- [a](b)\n\n" * 6
    for n in range(1_000):
        (tmp_path / f"{n:04}.md").write_text(article)
    began = time.monotonic()
    documents, failed = read(tmp_path)
    assert (len(documents), failed) == (1_000, [])
    assert time.monotonic() - began < 20  # 2 s on a quiet machine


def test_documents_come_as_they_are_read(tmp_path: Path):
    (tmp_path / "a.md").write_text("one")
    found: Iterator[Document | FailedSource] = read_sources([tmp_path, tmp_path / "gone"], max_bytes=100)
    assert isinstance(next(found), Document)
    assert isinstance(next(found), FailedSource)
