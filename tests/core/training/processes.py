"""Real processes of the command line in a home of their own, with time for a busy machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE_S = 200.0
OFTEN = ("-m", "tests.core.training.often")
TWO = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def started(words: Sequence[str], home: Path, base: Path, before: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Start Python with these words. before: a command that starts it"""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TRIVIUM_HOME": str(home),
        "TRIVIUM_MODEL": str(base),
        "OMP_NUM_THREADS": "1",  # the same order of sums in every process
        "ONEDNN_MAX_CPU_ISA": "AVX2",  # no bf16, so that what is compared differs by fp32 rounding only
    }
    return subprocess.Popen(
        [*before, sys.executable, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C, and so would be what that starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """returns: exit status, standard output, standard error

    Who does not end in time is told to, so that torchrun takes its processes along.
    """
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
        raise AssertionError(f"it hung: {out}{err}") from None
    return process.returncode, out, err


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C, and again where it was not heard: Python drops one that comes while an object is cleaned up."""
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            continue


def until(seen: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something is so, while the process runs."""
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)
