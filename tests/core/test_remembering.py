"""What is remembered of texts for speed is forgotten at once, wherever it is."""

from core.language import language_of
from core.remembering import forget_texts
from core.retrieval.spelling import Speller
from core.retrieval.subjects import Subjects, spoken
from core.retrieval.words import stem


def test_no_part_remembers_a_customers_words_once_they_are_to_be_forgotten():
    speller, subjects = Speller(frozenset({"card"})), Subjects(("Quay Cafe",), lambda _: 1, n=1)
    words = "zanzibar quokka at the quay cafe"
    language_of(words)
    stem("quokkas")
    speller.mend("quokka")
    subjects.mentioned([words])
    memories = [language_of, stem, spoken, speller._mended, subjects._mentions]
    assert all(memory.cache_info().currsize for memory in memories)
    forget_texts()
    assert [memory.cache_info().currsize for memory in memories] == [0] * 5
