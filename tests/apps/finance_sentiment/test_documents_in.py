"""Documents that programs push and people import: each once, bad ones told, nothing half done."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import func, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.finance_sentiment.app import app
from apps.finance_sentiment.commands import build_commands
from apps.finance_sentiment.errors import BadDocumentRows
from apps.finance_sentiment.pipeline.document_files import read_documents
from apps.finance_sentiment.pipeline.importing import import_files
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.documents import Documents
from core.app import Services
from core.database import Database
from core.errors import Invalid
from core.migrations import upgrade
from core.rows import BadRow
from core.testing.api import api_client
from core.testing.fakes import FixedClock

SETTINGS = FinanceSettings()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    upgrade(services.database, [app])
    with api_client(services, [app]) as opened:
        yield opened


@pytest.fixture
def documents(database: Database) -> Documents:
    upgrade(database, [app])
    return Documents(database)


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(DocumentRow)) or 0


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def test_what_is_pushed_twice_is_kept_once(client: TestClient):
    body = {"documents": [{"id": "1", "title": "Ashgrove &amp; Co rise"}, {"title": "Birchly", "text": "<p>Down.</p>"}]}
    first = client.post("/v1/finance/documents", json=body)
    assert first.status_code == 202
    assert (first.json()["accepted"], first.json()["known"]) == (2, 0)
    again = client.post("/v1/finance/documents", json=body).json()
    assert (again["accepted"], again["known"], again["ids"]) == (0, 2, first.json()["ids"])
    held = client.get(f"/v1/finance/documents/{first.json()['ids'][0]}").json()
    assert (held["title"], held["source"], held["external_id"]) == ("Ashgrove & Co rise", "push", "1")
    assert (held["published_at"], held["dated"], held["read_at"]) == ("2026-01-01T12:00:00Z", False, None)
    assert client.get("/v1/finance/documents/999").status_code == 404


def test_a_moment_may_be_written_in_two_ways(client: TestClient):
    some = [{"title": "A", "published_at": 1735689600}, {"title": "B", "published_at": "2025-01-01T02:00:00+02:00"}]
    ids = client.post("/v1/finance/documents", json={"documents": some, "source": "wire-1"}).json()["ids"]
    told = [client.get(f"/v1/finance/documents/{one}").json()["published_at"] for one in ids]
    assert told == ["2025-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize(
    "body",
    [
        {"documents": []},
        {"documents": [{"title": " "}]},
        {"documents": [{"title": "A"}] * 501},
        {"documents": [{"title": "A", "published_at": "soon"}]},
        {"documents": [{"title": "A", "published_at": 1e300}]},
        {"documents": [{"title": "A", "colour": "red"}]},
        {"documents": [{"title": "A"}], "source": "Big Source"},
    ],
)
def test_a_push_that_cannot_be_used_is_refused_whole(client: TestClient, services: Services, body: dict[str, object]):
    assert client.post("/v1/finance/documents", json=body).status_code == 422
    assert count(services.database) == 0


def test_half_a_letter_and_a_null_do_no_harm(client: TestClient):
    raw = b'{"documents": [{"id": "a\\u0000b", "title": "Ash\\ud83dgrove\\u0000", "url": "javascript:x"}]}'
    done = client.post("/v1/finance/documents", content=raw, headers={"Content-Type": "application/json"})
    assert done.status_code in (202, 422)


def test_reading_keys_may_not_push(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["finance:read"]) as client:
        assert client.post("/v1/finance/documents", json={"documents": [{"title": "A"}]}).status_code == 403


def test_files_of_every_kind_hold_the_same(tmp_path: Path):
    rows = [
        {"id": "7", "title": "Ashgrove rises", "text": "By 3 %.", "published_at": "2025-03-01T08:00:00Z"},
        {"title": "Birchly falls", "url": "https://x.example/2"},
    ]
    table = pa.Table.from_pylist(
        rows, schema=pa.schema([(n, pa.string()) for n in ("id", "title", "text", "published_at", "url")])
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text(
        "id,title,text,published_at,url,colour\n7,Ashgrove rises,By 3 %.,2025-03-01T08:00:00Z,,red\n"
        ",Birchly falls,,,https://x.example/2,\n"
    )
    files = [tmp_path / "a.parquet", tmp_path / "a.csv", lines(tmp_path / "a.jsonl", *rows)]
    read = [[one for _, one in read_documents(file)] for file in files]
    assert read[0] == read[1] == read[2]
    assert read[0][0].published_at == datetime(2025, 3, 1, 8, tzinfo=UTC)


def test_where_a_row_is_bad_none_is_imported(documents: Documents, clock: FixedClock, tmp_path: Path):
    good = lines(tmp_path / "good.jsonl", {"title": "Ashgrove"})
    bad = lines(
        tmp_path / "bad.jsonl", {"title": "B"}, "{", {"text": ""}, {"title": "C", "published_at": "soon"}, {"title": 3}
    )
    with pytest.raises(BadDocumentRows) as caught:
        import_files(documents, [good, bad], "import", clock, SETTINGS)
    assert caught.value.count == 4
    for told in (
        "line 2 of bad.jsonl is not JSON",
        "line 3",
        "line 4",
        "line 5 of bad.jsonl has a title that is no text",
    ):
        assert told in str(caught.value)
    assert count(documents.database) == 0
    done = import_files(documents, [good, bad], "import", clock, SETTINGS, skip_bad=True)
    assert (done.new, done.bad, len(done.faults), done.undated) == (2, 4, 4, 2)


def test_of_many_bad_rows_ten_are_told(documents: Documents, clock: FixedClock, tmp_path: Path):
    bad = lines(tmp_path / "bad.csv", "title,text", *["a,b,c"] * 25)
    with pytest.raises(BadDocumentRows, match=r"25 rows cannot be used .*line 2 .*line 11 .*; and 15 more"):
        import_files(documents, [bad], "import", clock, SETTINGS)


def test_a_long_article_in_a_csv_is_read(documents: Documents, clock: FixedClock, tmp_path: Path):
    file = lines(tmp_path / "long.csv", "title,text", f"Ashgrove,{'It rose. ' * 111_112}")
    done = import_files(documents, [file], "import", clock, SETTINGS)
    [number] = range(1, done.new + 1)
    held = documents.get(number)
    assert 90_000 < len(held.text) < 100_100
    assert "[Cut here: 9" in held.text


def test_many_rows_fit_in_little_memory(documents: Documents, clock: FixedClock, tmp_path: Path):
    if documents.database.is_sqlite is False:
        pytest.skip("what is measured is Python's own memory; once is enough")
    file = lines(
        tmp_path / "many.jsonl", *({"id": n, "title": f"Headline {n}", "text": "x" * 5_000} for n in range(5_000))
    )
    tracemalloc.start()
    done = import_files(documents, [file], "import", clock, SETTINGS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (done.new, done.known) == (5_000, 0)
    assert (
        peak < 25_000_000
    )  # the file has 25 MB, a batch of 1,000 rows 5 MB and as much again for each thing made of it
    assert import_files(documents, [file], "import", clock, SETTINGS).known == 5_000


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.docx", b"PK", "is of no known kind"),
        ("a.jsonl", b"\xff\xfe{", "is not UTF-8"),
        ("a.parquet", b"PAR1 not", "is not a Parquet file"),
        ("a.txt", b"%PDF-1.7 ...", "is a PDF"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, fault: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=fault):
        list(read_documents(tmp_path / name))
    with pytest.raises(Invalid, match="There is no file"):
        list(read_documents(tmp_path / "none.txt"))


def test_the_first_bad_row_is_raised_where_nobody_takes_it(tmp_path: Path):
    with pytest.raises(BadRow, match=r"Line 2 of a\.jsonl has neither a title nor a text"):
        list(read_documents(lines(tmp_path / "a.jsonl", {"title": "A"}, {"text": None})))


def test_the_command_imports_and_tells(tmp_path: Path):
    file = lines(tmp_path / "a.jsonl", {"title": "Ashgrove", "published_at": 1735689600}, {"title": "B"}, {})
    runner = CliRunner()
    refused = runner.invoke(build_commands(), ["import", str(file)])
    assert isinstance(refused.exception, BadDocumentRows)
    done = runner.invoke(build_commands(), ["import", str(file), "--skip-bad", "--source", "archive", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["new"], told["undated"], told["bad"]) == (2, 1, 1)
    spoken = runner.invoke(build_commands(), ["import", str(file), "--skip-bad", "--source", "archive"])
    assert "0 documents are new, 2 were known." in spoken.output
