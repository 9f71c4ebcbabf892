"""Experiments: who sees which arm, what came of it, and when one may say so. Pure functions over arrays."""
