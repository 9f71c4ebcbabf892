"""A LoRA adapter merged into its base, once, kept under TRIVIUM_HOME: from then on it costs nothing to serve.

The merging runs in a process of its own, so that no server imports torch.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

from core.backend.checkpoint import Checkpoint
from core.errors import Misconfigured

KEPT = ("tokenizer.json", "sentence_bert_config.json", "1_Pooling/config.json", "modules.json")
OPTIONAL = ("tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "config_sentence_transformers.json")


def merged(base: Checkpoint, adapter: Path, home: Path) -> Path:
    """returns: a directory with the whole encoder. raises: Misconfigured when the adapter does not fit"""
    digest = hashlib.sha256(base.fingerprint.encode())
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        digest.update((adapter / name).read_bytes())
    folder = home / "runtimes" / f"merged-{digest.hexdigest()[:24]}"
    if (folder / "done.json").is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".draft-{uuid.uuid4().hex}"
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "core.backend.merging", str(base.path), str(adapter), str(draft)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise Misconfigured(f"the adapter could not be merged ({last[0]})", remedy="import the model again")
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / "done.json").is_file():  # else another process was faster
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def copy_about(base: Path, target: Path) -> None:
    """Put beside an encoder's weights what opening it needs: tokenizer, pooling, length limit."""
    for name in (*KEPT, *OPTIONAL):
        if (base / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(base / name, target / name)


def _merge(base: Path, adapter: Path, target: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModel

    model = AutoModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.float32, trust_remote_code=False)
    whole = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    whole.save_pretrained(target, safe_serialization=True)
    copy_about(base, target)
    (target / "done.json").write_text(json.dumps({"adapter": adapter.name}), encoding="ascii")


if __name__ == "__main__":
    _merge(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
