"""Collections over SQLite and PostgreSQL: what is put is found, what is removed is not, by every process at once."""

from pathlib import Path

import pytest

from core.database import Database
from core.errors import Invalid
from core.retrieval.collections import Collection, Collections
from core.retrieval.documents import Document, Passage
from core.retrieval.reading import NoSuchCollection
from core.retrieval.writing import EncoderChanged
from core.testing.fakes import FixedClock, LetterEncoder


def document(key: str, text: str, **metadata: object) -> Document:
    passage = Passage(key=f"{key}#0", text=text, start=0, end=len(text), sentences=((0, len(text)),))
    return Document(key=key, title="", text=text, metadata=metadata, passages=(passage,))


def opened(database: Database, home: Path, encoder: LetterEncoder | None = None) -> Collections:
    return Collections(database, encoder or LetterEncoder(), home, FixedClock())


def keys(collection: Collection, text: str, **kwargs: object) -> list[str]:
    return [hit.document for hit in collection.search(text, **kwargs)]  # type: ignore[arg-type]


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Collection:
    collection = opened(database, tmp_path).ensure("shelf")
    collection.put([document("cat", "the cat sat on the mat"), document("bond", "bond yields are rising")])
    return collection


def test_the_nearest_document_comes_first(shelf: Collection):
    assert keys(shelf, "cats on mats") == ["cat", "bond"]


def test_what_one_process_puts_another_finds_at_once(shelf: Collection, database: Database, tmp_path: Path):
    other = opened(database, tmp_path).get("shelf")
    assert keys(other, "zebra", k=1) != ["zebra"]
    shelf.put([document("zebra", "zebra crossing")])
    assert keys(other, "zebra", k=1) == ["zebra"]


def test_a_replaced_document_is_found_by_its_new_words_only(shelf: Collection):
    report = shelf.put([document("cat", "quick quizzes")])
    assert report.replaced == ("cat",)
    [hit] = [hit for hit in shelf.search("quiz") if hit.document == "cat"]
    assert hit.passage.text == "quick quizzes"
    assert all("mat" not in hit.passage.text for hit in shelf.search("mat"))


def test_what_is_unchanged_is_not_embedded_again(database: Database, tmp_path: Path):
    encoder = LetterEncoder()
    collection = opened(database, tmp_path, encoder).ensure("shelf")
    collection.put([document("cat", "the cat sat")])
    seen = encoder.texts_seen
    assert collection.put([document("cat", "the cat sat")]).unchanged == ("cat",)
    assert encoder.texts_seen == seen


def test_new_metadata_alone_needs_no_new_vectors(database: Database, tmp_path: Path):
    encoder = LetterEncoder()
    collection = opened(database, tmp_path, encoder).ensure("shelf")
    collection.put([document("cat", "the cat sat", shelf=1)])
    seen = encoder.texts_seen
    assert collection.put([document("cat", "the cat sat", shelf=2)]).replaced == ("cat",)
    assert encoder.texts_seen == seen
    assert keys(collection, "cat", where={"shelf": 2}) == ["cat"]


def test_a_removed_document_vanishes_at_once_everywhere(shelf: Collection, database: Database, tmp_path: Path):
    other = opened(database, tmp_path).get("shelf")
    assert "cat" in keys(other, "cat")
    assert shelf.remove(["cat", "never there"]) == 1
    assert keys(other, "cat") == ["bond"]


def test_a_filter_is_applied_inside_the_search(shelf: Collection):
    shelf.put([document(f"cat {n}", f"cat number {n}", rare=n == 7) for n in range(200)])
    assert keys(shelf, "bond", k=3, where={"rare": True}) == ["cat 7"]


def test_two_documents_of_one_key_are_refused_whole(shelf: Collection):
    with pytest.raises(Invalid, match="Two documents have the key 'a'"):
        shelf.put([document("b", "b"), document("a", "a"), document("a", "again")])
    assert sorted(keys(shelf, "b")) == ["bond", "cat"]


def test_a_dropped_collection_is_gone_and_its_name_free(shelf: Collection, database: Database, tmp_path: Path):
    shelf.home.drop("shelf")
    with pytest.raises(NoSuchCollection):
        shelf.search("cat")
    assert keys(opened(database, tmp_path).ensure("shelf"), "cat") == []


@pytest.mark.parametrize("k", [0, 1_001])
def test_an_impossible_k_is_refused(shelf: Collection, k: int):
    with pytest.raises(Invalid, match="ask for 1 to 1000"):
        shelf.search("cat", k)


def test_an_odd_name_is_refused(database: Database, tmp_path: Path):
    with pytest.raises(Invalid, match="cannot name a collection"):
        opened(database, tmp_path).ensure("../etc")


def test_a_change_of_model_happens_beside_the_live_view(shelf: Collection, database: Database, tmp_path: Path):
    newer = LetterEncoder("letters-2")
    before = keys(shelf, "cats")

    def still_answers(done: int) -> None:
        assert keys(shelf, "cats") == before

    assert shelf.reembed(newer, still_answers) == 2
    with pytest.raises(EncoderChanged):
        shelf.search("cats")
    assert keys(opened(database, tmp_path, newer).get("shelf"), "cats") == before


def test_a_follow_up_is_read_with_what_was_said_before(shelf: Collection):
    shelf.put([document("fees", "fees for cards abroad"), document("parcels", "parcels abroad")])
    assert keys(shelf, "and abroad?", k=1, context="what are the fees for cards") == ["fees"]
    assert keys(shelf, "and abroad?", k=1, context="where is my parcel") == ["parcels"]


def test_a_row_is_found_once_however_many_passages_it_has(shelf: Collection):
    text = "alpha beta. alpha gamma."
    halves = (Passage("row", text[:11], 0, 11), Passage("row#1", text[12:], 12, len(text)))
    shelf.put([Document("row", "", text, passages=halves, kind="row")])
    assert [hit.id for hit in shelf.search("alpha", 3)].count("row") == 1


def test_old_removals_may_be_forgotten(shelf: Collection, database: Database, tmp_path: Path):
    behind = opened(database, tmp_path / "elsewhere").get("shelf")
    assert len(keys(behind, "cat")) == 2
    shelf.remove(["cat"])
    shelf.home.forget_removals()
    assert keys(behind, "cat") == ["bond"]


def test_changed_metadata_is_filtered_by_at_once_in_every_process_and_nothing_is_embedded(
    database: Database, tmp_path: Path
):
    encoder = LetterEncoder()
    shelf = opened(database, tmp_path, encoder).ensure("shelf")
    shelf.put([document("cat", "the cat sat"), document("dog", "the dog sat")])
    other = opened(database, tmp_path).get("shelf")
    assert keys(other, "sat", where={"shown": True}) == []
    seen = encoder.texts_seen
    assert shelf.amend("cat", lambda metadata: {**metadata, "shown": True})
    assert encoder.texts_seen == seen
    assert keys(other, "sat", where={"shown": True}) == ["cat"]
    assert not shelf.amend("owl", lambda metadata: metadata)


def test_an_import_keeps_what_its_caller_wants_kept(shelf: Collection):
    shelf.amend("cat", lambda _: {"mark": 1})
    shelf.put([document("cat", "a new text", place="home")], keep=lambda stored, brought: {**stored, **brought})
    [cat] = shelf.documents(["cat"])
    assert cat.metadata == {"mark": 1, "place": "home"}


def test_near_pairs_are_those_of_a_full_comparison(shelf: Collection):
    shelf.put([document(f"d{n}", f"{'ab' * n} and the cat sat {'x' * (n % 3)}") for n in range(12)])
    shelf.remove(["d3"])
    least = 0.9
    vectors = {hit.document: hit.passage.text for hit in shelf.passing(None)}
    encoded = dict(zip(vectors, LetterEncoder().encode(list(vectors.values())), strict=True))
    expected = {
        (one, other)
        for one in encoded
        for other in encoded
        if one < other and float(encoded[one] @ encoded[other]) >= least
    }
    found = shelf.near_pairs(20, least)
    assert {tuple(sorted((pair.one.document, pair.other.document))) for pair in found} == expected
    assert all(pair.sentences.shape == (1, 1) for pair in found)
    fresh = shelf.near_pairs(20, least, keys=["d5"])
    assert {tuple(sorted((p.one.document, p.other.document))) for p in fresh} == {p for p in expected if "d5" in p}
