"""Recommending: what a process holds in memory, what speaks for an item, and how a list is made of it."""
