"""Composing answers from sources, which adds no word that no source says; and models that write, which do."""
