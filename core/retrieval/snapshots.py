"""Views on disk, so that a start need not read every vector from SQL. A snapshot is a convenience, never the truth.

Folder <home>/index/<collection id>-<encoder>/<revision>: .npy files and manifest.json with a SHA-256 for each. Written
beside and renamed into place; FAISS itself would load a file with a flipped byte without complaint, so every byte is
checked before it is used.
"""

import hashlib
import json
import logging
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.retrieval.dense import Details
from core.retrieval.filters import Column, Columns
from core.retrieval.lexical import Lexical
from core.retrieval.view import View

FORMAT = 1
_log = logging.getLogger(__name__)


class Damaged(Exception):
    """A snapshot that is not what was written: internal, the view is rebuilt from SQL."""


def save(view: View, folder: Path) -> None:
    """Write the view under its revision and drop older snapshots. Several processes may do so at once."""
    target = folder / str(view.revision)
    if target.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".draft-{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        with view.lock.reading():
            target = folder / str(view.revision)
            files = _write_arrays(view, draft)
            metadata = json.dumps({**_rows(view.columns), "words": view.speller.counts}).encode()
        (draft / "metadata.json").write_bytes(metadata)
        files["metadata.json"] = hashlib.sha256(metadata).hexdigest()
        manifest = {"format": FORMAT, "revision": int(target.name), "dim": view.dim, "files": files}
        body = json.dumps(manifest, sort_keys=True)
        seal = hashlib.sha256(body.encode()).hexdigest()
        (draft / "manifest.json").write_text(f"{seal}\n{body}")
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():  # else another process was faster with the same content
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for older in folder.iterdir():
        if older.name.isdigit() and int(older.name) < int(target.name):
            shutil.rmtree(older, ignore_errors=True)


def load(folder: Path, dim: int, common: frozenset[str], upto: int) -> View | None:
    """The newest sound snapshot that is not ahead of revision `upto`; damaged ones are logged and deleted.

    returns: None when there is none
    """
    revisions = sorted((int(f.name) for f in folder.glob("*") if f.name.isdigit()), reverse=True)
    for revision in revisions:
        path = folder / str(revision)
        if revision > upto:
            _log.warning("index snapshot is ahead of the database and is dropped", extra={"revision": revision})
            shutil.rmtree(path, ignore_errors=True)
            continue
        try:
            return _open(path, dim, common)
        except (Damaged, KeyError) as damage:
            _log.warning("index snapshot is damaged and is rebuilt: %s", damage, extra={"revision": revision})
            shutil.rmtree(path, ignore_errors=True)
    return None


def _write_arrays(view: View, draft: Path) -> dict[str, str]:
    arrays: dict[str, NDArray[Any]] = {
        "ids": view.ids,
        "units": view.units,
        "alive": view.alive,
        "passages": view.passages.matrix(),
        **_detail_arrays("sentence", view.sentences),
        **_detail_arrays("alias", view.aliases),
        **view.lexical.arrays(),
    }
    for name, array in arrays.items():
        np.save(draft / f"{name}.npy", array, allow_pickle=False)
    return {f"{name}.npy": _digest(draft / f"{name}.npy") for name in arrays}


def _detail_arrays(name: str, details: Details) -> dict[str, NDArray[Any]]:
    # they came as halves from SQL, so halves lose nothing
    vectors = details.vectors.matrix().astype(np.float16)
    return {f"{name}_vectors": vectors, f"{name}_rows": details.rows, f"{name}_counts": details.counts()}


def _fill_details(details: Details, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    vectors = arrays[f"{name}_vectors"][arrays[f"{name}_rows"]]
    details.append(np.split(vectors, np.cumsum(arrays[f"{name}_counts"])[:-1]))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(columns: Columns) -> dict[str, Any]:
    return {
        "n": columns.n,
        "fields": {name: [column.values, column.codes.tolist()] for name, column in columns.by_name.items()},
    }


def _open(path: Path, dim: int, common: frozenset[str]) -> View:
    manifest = _read_manifest(path)
    if manifest["format"] != FORMAT or manifest["dim"] != dim:
        raise Damaged("it has another format")
    arrays: dict[str, NDArray[Any]] = {}
    for name, digest in manifest["files"].items():
        file = path / name
        if not file.is_file() or _digest(file) != digest:
            raise Damaged(f"{name} does not match its checksum")
        if name.endswith(".npy"):
            arrays[name.removesuffix(".npy")] = np.load(file, allow_pickle=False)
    metadata = json.loads((path / "metadata.json").read_bytes())
    view = View(dim, common, revision=manifest["revision"])
    view.ids, view.units, view.alive = arrays["ids"], arrays["units"], arrays["alive"]
    view.position_of = {int(id_): position for position, id_ in enumerate(view.ids)}
    view.passages.append(arrays["passages"])
    _fill_details(view.sentences, "sentence", arrays)
    _fill_details(view.aliases, "alias", arrays)
    view.lexical = Lexical.from_arrays(arrays)
    view.columns = _columns(metadata)
    view.speller.learn(metadata["words"])
    return view


def _columns(metadata: dict[str, Any]) -> Columns:
    columns = Columns()
    columns.n = metadata["n"]
    for name, (values, codes) in metadata["fields"].items():
        columns.by_name[name] = _column(values, codes)
    return columns


def _column(values: Sequence[Any], codes: Sequence[int]) -> Column:
    column = Column()
    column.extend(values)  # gives every distinct value its old code, in order
    column.codes = np.asarray(codes, dtype=np.int32)
    return column


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        seal, _, body = (path / "manifest.json").read_text().partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged("its manifest cannot be read") from error
    if hashlib.sha256(body.encode()).hexdigest() != seal:
        raise Damaged("its manifest does not match its checksum")
    manifest: dict[str, Any] = json.loads(body)
    return manifest
