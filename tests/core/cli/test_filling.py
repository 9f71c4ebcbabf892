from core.app import Services
from core.cli.filling import fill
from core.retrieval.documents import Document, Passage


def test_a_base_is_filled_with_words_that_it_has_and_only_once(services: Services):
    collection = services.collections.ensure("shop")
    text = "Parcels take two days. Letters take one."
    sentences = ((0, 22), (23, len(text)))
    passage = Passage("post#0", text, 0, len(text), sentences=sentences)
    collection.put([Document("post", "Post", text, metadata={"audience": "public"}, passages=(passage,))])

    assert fill(collection, 40) == 39
    assert fill(collection, 40) == 0
    assert len(collection.passage_ids()) == 40
    [made] = collection.documents(["filler-0"])
    assert sorted(made.text.split()) == sorted(text.split())
    assert made.metadata == {"audience": "public"}
    assert [len(made.text[a:b].split()) for a, b in made.passages[0].sentences] == [4, 3]


def test_an_empty_base_stays_empty(services: Services):
    assert fill(services.collections.ensure("shop"), 40) == 0
