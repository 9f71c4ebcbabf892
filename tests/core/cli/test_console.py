"""What commands tell while they work, where nobody watches a terminal: a few lines, however much there is."""

import pytest

from core.cli.console import progress


def test_work_of_known_size_is_told_in_tenths(capsys: pytest.CaptureFixture[str]):
    with progress("Recommending", 20_000) as show:
        for done in range(0, 20_001, 256):
            show(done)
        show(20_000)
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[-1]) == ("Recommending: 0 of 20,000", "Recommending: 20,000 of 20,000")
    assert len(told) == 11


def test_work_of_unknown_size_is_told_each_time_it_doubled(capsys: pytest.CaptureFixture[str]):
    with progress("Writing events", None) as show:
        for done in range(0, 120_001, 1_000):
            show(done)
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == ["Writing events: 1,000", "Writing events: 2,000", "Writing events: 4,000"]
    assert len(told) == 7
