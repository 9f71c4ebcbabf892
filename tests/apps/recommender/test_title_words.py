"""Words find the titles that hold them now."""

from apps.recommender.pipeline.recommending.words import TitleWords


def test_words_follow_their_titles():
    words = TitleWords()
    for place, title in enumerate(("Red cap", "Red RED shoe", "Cap 12", "")):
        words.change(place, "", title)
    assert words.places("red").tolist() == [0, 1]
    assert words.places("shoe").tolist() == [1]
    assert words.places("hat").tolist() == []
    words.change(0, "Red cap", "Blue cap")
    assert words.places("red").tolist() == [1]
    assert words.places("cap").tolist() == [0, 2]
    words.change(1, "Red RED shoe", "")
    assert words.places("red").tolist() == words.places("shoe").tolist() == []
    words.change(1, "", "red")
    assert words.places("red").tolist() == [1]
