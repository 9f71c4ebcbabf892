"""`python -m core.cli` is `trivium`."""

from core.cli import main

main()
