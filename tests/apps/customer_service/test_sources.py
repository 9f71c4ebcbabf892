"""Sources: imported again, unchanged documents cost nothing, and what is gone goes only when that is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline.asking import find
from apps.customer_service.pipeline.sources import TooMuchWouldVanish, import_folder, import_rows, remove
from apps.customer_service.store.sources import Source, SourceExists, Sources
from core.app import Services
from core.auth import create_key
from core.errors import Conflict
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder

ANIMALS = ("ant", "bee", "cat", "dog")


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Services]:
    settings = Settings(home=tmp_path / "h", database_url=database_url)
    services = open_services(settings, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    yield services
    close_services(services)


class Shelf:
    """A folder of animals and the source that it is imported as."""

    def __init__(self, house: Services, folder: Path) -> None:
        self.folder, self.sources = folder, Sources(house.database, house.clock)
        self.desk, self.encoder = house.collections.ensure("support"), house.encoder
        folder.mkdir()
        for animal in ANIMALS:
            self.write(animal)

    def write(self, animal: str, words: str = "It eats.") -> None:
        (self.folder / f"{animal}.md").write_text(f"# {animal}\n\n{words}\n")

    @property
    def source(self) -> Source:
        return self.sources.named("support", "zoo") or self.sources.create("support", "zoo", "folder")

    def imported(self, **how: bool) -> dict[str, list[str]]:
        tally = import_folder([self.folder], self.source, self.sources, self.desk, max_bytes=10_000, **how)
        named = {name: getattr(tally, name) for name in ("added", "replaced", "unchanged", "removed")}
        return {name: [key.removesuffix(".md") for key in keys] for name, keys in named.items() if keys}

    def found(self) -> set[str]:
        return {hit.document.removesuffix(".md") for hit in find(self.desk, "what does it eat", (), 20)}


@pytest.fixture
def shelf(house: Services, tmp_path: Path) -> Shelf:
    return Shelf(house, tmp_path / "zoo")


def test_what_is_unchanged_is_not_embedded_again(shelf: Shelf):
    assert shelf.imported() == {"added": list(ANIMALS)}
    before = shelf.encoder.texts_seen  # type: ignore[attr-defined]
    assert shelf.imported(sync=True) == {"unchanged": list(ANIMALS)}
    assert shelf.encoder.texts_seen == before  # type: ignore[attr-defined]


def test_what_is_gone_stays_unless_the_source_is_synced_and_then_vanishes_at_once(shelf: Shelf):
    shelf.imported()
    (shelf.folder / "bee.md").unlink()
    shelf.write("cat", "It sleeps and eats.")
    assert "removed" not in shelf.imported()
    assert "bee" in shelf.found()
    assert shelf.imported(sync=True) == {"unchanged": ["ant", "cat", "dog"], "removed": ["bee"]}
    assert shelf.found() == {"ant", "cat", "dog"}
    assert shelf.source.documents == 3
    assert shelf.source.counts == {"added": 0, "replaced": 0, "unchanged": 3, "removed": 1, "failed": 0}


def test_a_sync_that_would_remove_more_than_half_changes_nothing_unless_forced(shelf: Shelf):
    shelf.imported()
    for animal in ("ant", "bee", "cat"):
        (shelf.folder / f"{animal}.md").unlink()
    shelf.write("eel")
    with pytest.raises(TooMuchWouldVanish, match="3 of the 4"):
        shelf.imported(sync=True)
    assert shelf.found() == set(ANIMALS)
    assert shelf.imported(sync=True, force=True)["removed"] == ["ant", "bee", "cat"]
    assert shelf.found() == {"dog", "eel"}


def test_half_may_go_without_force(shelf: Shelf):
    shelf.imported()
    for animal in ("ant", "bee"):
        (shelf.folder / f"{animal}.md").unlink()
    assert shelf.imported(sync=True)["removed"] == ["ant", "bee"]


def test_a_file_that_cannot_be_read_is_not_gone(shelf: Shelf):
    (shelf.folder / "more.csv").write_text("id,question,answer\nfox,What does a fox eat?,It eats mice.\n")
    shelf.imported()
    (shelf.folder / "ant.md").write_bytes(b"\x00\x01\x02")
    (shelf.folder / "more.csv").write_text("id,question,answer\nfox,What does a fox eat?,\n")
    assert shelf.imported(sync=True) == {"unchanged": ["bee", "cat", "dog"]}
    assert shelf.found() == {*ANIMALS, "fox"}


def test_a_folder_that_is_away_removes_nothing_even_with_force(shelf: Shelf):
    shelf.imported()
    shelf.folder.rename(shelf.folder.with_name("elsewhere"))
    assert shelf.imported(sync=True, force=True) == {}
    assert shelf.found() == set(ANIMALS)


def test_a_sync_from_another_place_under_the_same_name_is_refused(shelf: Shelf, tmp_path: Path):
    shelf.imported()
    other = tmp_path / "other"
    other.mkdir()
    (other / "yak.md").write_text("# yak\n\nIt eats.\n")
    with pytest.raises(Conflict, match="was imported from"):
        import_folder([other], shelf.source, shelf.sources, shelf.desk, max_bytes=10_000, sync=True)
    assert shelf.found() == set(ANIMALS)


def test_what_two_sources_brought_stays_while_one_of_them_has_it(shelf: Shelf):
    shelf.imported()
    second = shelf.sources.create("support", "rows", "rows")
    row = {"id": "ant.md", "text": "It eats leaves."}
    import_rows([row], second, shelf.sources, shelf.desk, sync=True, force=False)
    assert remove(shelf.source, shelf.sources, shelf.desk) == 3
    assert shelf.found() == {"ant"}
    assert remove(second, shelf.sources, shelf.desk) == 1
    assert shelf.found() == set()


def test_a_name_stands_once_in_a_collection(shelf: Shelf):
    shelf.sources.create("support", "manual", "upload")
    with pytest.raises(SourceExists):
        shelf.sources.create("support", "manual", "rows")
    assert shelf.sources.create("other", "manual", "rows").name == "manual"


def test_a_source_lives_over_http(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["support:read", "support:write"]) as client:
        made = client.post("/v1/support/sources", json={"name": "help centre", "kind": "rows"})
        assert made.status_code == 201
        path = f"/v1/support/sources/{made.json()['id']}"
        rows = [{"id": animal, "text": f"The {animal} eats."} for animal in ANIMALS]
        first = client.post(f"{path}/rows", json={"documents": rows})
        assert first.json()["added"] == list(ANIMALS)
        second = client.post(f"{path}/rows", json={"documents": rows[:3], "sync": True}).json()
        assert (second["unchanged"], second["removed"]) == (["ant", "bee", "cat"], ["dog"])
        refused = client.post(f"{path}/rows", json={"documents": [], "sync": True})
        assert refused.status_code == 409
        assert "would be removed" in refused.json()["detail"]
        [listed] = client.get("/v1/support/sources").json()["items"]
        assert (listed["name"], listed["documents"], listed["last_import"]["removed"]) == ("help centre", 3, 1)
        assert client.post(f"{path}/reimport", json={"sync": True}).status_code == 422
        assert client.post("/v1/support/sources", json={"name": "help centre"}).status_code == 409
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        assert client.get("/v1/support/documents").json()["items"] == []


def test_uploaded_files_fail_alone_and_are_not_gone(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["support:read", "support:write"]) as client:
        made = client.post("/v1/support/sources", json={"name": "manuals"}).json()
        path = f"/v1/support/sources/{made['id']}/files"
        files = [("files", (f"{animal}.md", f"# {animal}\n\nIt eats.\n".encode())) for animal in ANIMALS]
        assert len(client.post(path, files=files).json()["added"]) == 4
        broken = [files[0], ("files", ("bee.md", b"\x00\x01")), files[2]]
        done = client.post(path, files=broken, data={"sync": "true"}).json()
        assert done["removed"] == ["dog.md"]
        assert [one["name"] for one in done["failed"]] == ["bee.md"]
        assert client.get("/v1/support/documents/bee.md").status_code == 200


def test_a_folder_is_read_again_over_http_and_only_writers_see_where_it_lies(services: Services, tmp_path: Path):
    upgrade(services.database, [app])
    shelf = Shelf(services, tmp_path / "zoo")
    shelf.imported()
    (shelf.folder / "bee.md").unlink()
    path = f"/v1/support/sources/{shelf.source.id}"
    with api_client(services, [app], scopes=["support:read", "support:write"]) as client:
        assert client.get(path).json()["places"] == [str(shelf.folder.resolve())]
        assert client.post(f"{path}/reimport", json={"sync": True}).json()["removed"] == ["bee.md"]
        reader = create_key(
            services.database, "reader", ["support:read"], known_scopes=list(app.scopes), now=services.clock()
        )
        client.headers["Authorization"] = f"Bearer {reader.key}"
        assert client.get(path).json()["places"] == []
        assert client.get("/v1/support/sources").json()["items"][0]["places"] == []
        assert client.post(f"{path}/reimport", json={"sync": True}).status_code == 403
