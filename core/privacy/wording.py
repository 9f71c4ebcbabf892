"""Pieces of patterns that names and streets share: a word, a capitalised word."""

WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*"
CAPITAL = rf"(?-i:(?=[^\W\d_a-zß-öø-ÿ])){WORD}"
