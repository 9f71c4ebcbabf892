"""Composing answers from sources. Never adds a word that no source says."""
