"""`trivium bench encode`: our encoder against sentence-transformers' `encode` of the same model, in the same run."""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from core.backend.checkpoint import open_checkpoint
from core.backend.texts import short_texts
from core.embedding_files import read_texts
from core.errors import TriviumError
from core.settings import Settings

STEADY_TEXTS = 2_560
BATCH = 32

_BASELINE = """
import json, sys
import numpy as np
from sentence_transformers import SentenceTransformer
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
np.save(sys.argv[3], SentenceTransformer(sys.argv[1], device="cpu").encode(texts))
"""

_STEADY_BASELINE = """
import json, sys, time
from sentence_transformers import SentenceTransformer
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
model = SentenceTransformer(sys.argv[1], device="cpu")
batches = [texts[at:at + 32] for at in range(0, len(texts), 32)]
for batch in batches[:8]: model.encode(batch)
begin = time.perf_counter()
for batch in batches: model.encode(batch)
print(len(texts) / (time.perf_counter() - begin))
"""

_STEADY_OURS = """
import json, sys, time
from core.backend.open import open_encoder
from core.settings import read_settings
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
encoder = open_encoder(read_settings(cache_texts=0))
batches = [texts[at:at + 32] for at in range(0, len(texts), 32)]
for batch in batches: encoder.encode(batch)
begin = time.perf_counter()
for batch in batches: encoder.encode(batch)
print(len(texts) / (time.perf_counter() - begin))
singles = []
for text in texts[:200]:
    begin = time.perf_counter(); encoder.encode([text]); singles.append(time.perf_counter() - begin)
print(sorted(singles)[100] * 1e3)
encoder.close()
"""


def run(settings: Settings, n: int = 20_000, data: Path | None = None, rounds: int = 3) -> dict[str, object]:
    """Whole processes from command to file, in turn, and steady state in batches of 32; medians and ratios by pairs.

    raises: TriviumError when a measured process fails
    """
    checkpoint = open_checkpoint(settings)
    texts = list(islice(read_texts(data), n)) if data else short_texts(n)
    environment = {**os.environ, "TRIVIUM_HOME": str(settings.home), "TRIVIUM_CACHE_TEXTS": "0"}
    with tempfile.TemporaryDirectory(prefix="trivium-bench-") as folder:
        source, ours, theirs = Path(folder) / "in.jsonl", Path(folder) / "ours.npy", Path(folder) / "theirs.npy"
        _write(source, texts)
        ours_command = [sys.executable, "-m", "core.cli", "embed", str(source), str(ours)]
        theirs_command = [sys.executable, "-c", _BASELINE, str(checkpoint.path), str(source), str(theirs)]
        _timed(ours_command, environment)  # the first start converts the model
        whole = [(_timed(ours_command, environment), _timed(theirs_command, environment)) for _ in range(rounds)]
        cosines = (np.load(ours) * _unit(np.load(theirs))).sum(axis=1)
        steady_source = Path(folder) / "steady.jsonl"
        _write(steady_source, texts[:STEADY_TEXTS])
        steady, singles = [], []
        for _ in range(rounds):
            rate, single = _printed(_STEADY_OURS, str(checkpoint.path), steady_source, environment)
            [baseline] = _printed(_STEADY_BASELINE, str(checkpoint.path), steady_source, environment)
            steady.append((rate, baseline))
            singles.append(single)
    return {
        "texts": len(texts),
        "ours_whole_process_texts_per_s": round(len(texts) / float(np.median([a for a, _ in whole]))),
        "sentence_transformers_whole_process_texts_per_s": round(len(texts) / float(np.median([b for _, b in whole]))),
        "whole_process_ratio": round(float(np.median([b / a for a, b in whole])), 2),
        "ours_batches_of_32_texts_per_s": round(float(np.median([a for a, _ in steady]))),
        "sentence_transformers_batches_of_32_texts_per_s": round(float(np.median([b for _, b in steady]))),
        "batches_of_32_ratio": round(float(np.median([a / b for a, b in steady])), 2),
        "one_text_p50_ms": round(float(np.median(singles)), 2),
        "lowest_cosine_to_fp32": round(float(cosines.min()), 5),
        "mean_cosine_to_fp32": round(float(cosines.mean()), 5),
    }


def _write(path: Path, texts: list[str]) -> None:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")


def _unit(
    rows: "np.ndarray[tuple[int, int], np.dtype[np.float32]]",
) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def _timed(command: list[str], environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    _run(command, environment)
    return time.perf_counter() - begin


def _printed(code: str, model: str, source: Path, environment: dict[str, str]) -> list[float]:
    return [float(line) for line in _run([sys.executable, "-c", code, model, str(source)], environment).split()]


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise TriviumError(f"a measured process failed ({done.stderr.strip()[-300:]})")
    return done.stdout
