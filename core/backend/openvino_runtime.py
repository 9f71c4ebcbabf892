"""The Transformer on CPU by OpenVINO. The graph is converted once, kept under TRIVIUM_HOME, checked at every start."""

import json
import logging
import os
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import openvino as ov

from core.backend import convert
from core.backend.checkpoint import Checkpoint
from core.backend.derived import made_once
from core.backend.encoder import Floats
from core.backend.registry.durable import locked
from core.backend.tokens import padded
from core.settings import Settings

_log = logging.getLogger(__name__)

QUANTIZED_TOGETHER = 192  # values of a token that share a scale in int8 where it is set as they come
LENGTH_STEP = 4  # a shape that was not seen before costs 3 ms and memory; so there are fewer of them


class OpenVinoRuntime:
    """A compiled graph with one request a stream."""

    def __init__(self, checkpoint: Checkpoint, settings: Settings) -> None:
        precision = _precision(settings)
        folder = _graph_folder(checkpoint, settings.home / "runtimes", precision)
        threads = settings.threads or len(os.sched_getaffinity(0))
        self.streams = min(settings.streams or threads, threads)
        options = {
            "INFERENCE_PRECISION_HINT": "f32" if precision == "f32" else "bf16",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(QUANTIZED_TOGETHER),
            "NUM_STREAMS": str(self.streams),
            "INFERENCE_NUM_THREADS": str(threads),
            "ENABLE_CPU_PINNING": "NO",
            "CACHE_DIR": str(folder / "compiled"),
        }
        # What was compiled is written into a cache that other processes read: one that starts in the same second would
        # read half of it. So they take turns, and those behind the first one find it there.
        with locked(folder / ".compiling") if os.access(folder, os.W_OK) else nullcontext():
            self._compiled = _core().compile_model(str(folder / "graph.xml"), "CPU", options)
        # Once in one thread, before any other computes: two first calls at the same time were seen to wait for each
        # other for ever inside the binding, each for the lock that the other holds.
        self.session().encode([[0, 0]])

    def session(self) -> "Session":
        """What one thread computes with."""
        return Session(self._compiled)


@cache
def _core() -> ov.Core:
    """One for the process, never given back: its end would unload the plugin with the main thread's signal stack, and
    the next signal would crash the process.
    """
    return ov.Core()


class Session:
    """One inference request; used by one thread at a time."""

    def __init__(self, compiled: ov.CompiledModel) -> None:
        self._request = compiled.create_infer_request()

    def encode(self, rows: Sequence[Sequence[int]]) -> Floats:
        """rows: token ids, b of them;  returns: (b, d) float32, unit rows"""
        self._request.infer(list(padded(rows, LENGTH_STEP)), share_inputs=True)
        vectors: Floats = self._request.get_output_tensor(0).data.copy()
        return vectors


def _precision(settings: Settings) -> str:
    if settings.precision not in ("auto", "float"):
        return settings.precision
    if settings.precision == "auto" and multiplies_int8():
        return "int8"
    flags = _processor_flags()
    return "bf16" if "avx512_bf16" in flags or "amx_bf16" in flags else "f32"


def multiplies_int8() -> bool:
    """Whether the processor multiplies int8 by itself; where it does not, sums saturate, and cosines fall to .98."""
    return "avx512_vnni" in _processor_flags()


def _processor_flags() -> str:
    return Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""


def _graph_folder(checkpoint: Checkpoint, home: Path, precision: str) -> Path:
    folder = home / f"{checkpoint.fingerprint[:16]}-{'int8' if precision == 'int8' else 'float'}-{convert.VERSION}"
    if folder.exists() and not _is_sound(folder):
        _log.warning("the converted model is damaged and is converted again")

    def arguments(draft: Path) -> list[str]:
        return [str(checkpoint.path), str(draft), checkpoint.pooling, precision]

    return made_once(folder, _is_sound, "core.backend.convert", arguments, "the model could not be converted")


def _is_sound(folder: Path) -> bool:
    try:
        files = json.loads((folder / "manifest.json").read_text(encoding="ascii"))["files"]
        return all(convert.digest(folder / name) == expected for name, expected in files.items())
    except (OSError, ValueError, KeyError):
        return False
