"""Metrics and benchmarks: figures with their baseline from the same run."""
