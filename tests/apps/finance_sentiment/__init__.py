"""Tests of the market-mood monitor."""
