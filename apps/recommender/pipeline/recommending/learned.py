"""What a network learned of items, read row by row as items are placed: a million of them would be half a gigabyte."""

from __future__ import annotations

import json
import os
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FEW = 32  # rows that are read one by one


class LearnedRows:
    """Rows of one array of a safetensors file, which may be deleted meanwhile. Mapped, the file would stay in memory.

    The format: eight bytes that give the length of a header, the header as JSON, then the arrays.
    """

    def __init__(self, path: Path, name: str) -> None:
        """raises: OSError, ValueError, KeyError"""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        length = int.from_bytes(os.pread(self._file, 8, 0), "little")
        about = json.loads(os.pread(self._file, length, 8))[name]
        if about["dtype"] != "F32":
            raise ValueError(f"{name} is no array of float32")
        self._start, self._dim = 8 + length + about["data_offsets"][0], about["shape"][1]

    def __call__(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """numbers: (p,);  returns: (p, d)"""
        if not len(numbers):
            return np.zeros((0, self._dim), dtype=np.float32)
        if len(numbers) <= FEW:
            return np.concatenate([self._read(number, number + 1) for number in numbers.tolist()])
        first = int(numbers.min())
        return self._read(first, int(numbers.max()) + 1)[numbers - first]

    def _read(self, first: int, end: int) -> NDArray[np.float32]:
        row = 4 * self._dim
        data = os.pread(self._file, (end - first) * row, self._start + first * row)
        return np.frombuffer(data, dtype="<f4").reshape(end - first, self._dim)
