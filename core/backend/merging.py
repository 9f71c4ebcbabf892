"""A LoRA adapter merged into its base, once, kept under TRIVIUM_HOME: from then on it costs nothing to serve.

The merging runs in a process of its own, so that no server imports torch.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from core.backend.checkpoint import Checkpoint
from core.backend.derived import made_once

DONE = "done.json"  # written last
KEPT = ("tokenizer.json", "sentence_bert_config.json", "1_Pooling/config.json", "modules.json")
OPTIONAL = ("tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "config_sentence_transformers.json")


def merged(base: Checkpoint, adapter: Path, home: Path) -> Path:
    """returns: a directory with the whole encoder. raises: Misconfigured when the adapter does not fit"""
    digest = hashlib.sha256(base.fingerprint.encode())
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        digest.update((adapter / name).read_bytes())
    folder = home / "runtimes" / f"merged-{digest.hexdigest()[:24]}"

    def arguments(draft: Path) -> list[str]:
        return [str(base.path), str(adapter), str(draft)]

    return made_once(folder, _is_whole, "core.backend.merging", arguments, "the adapter could not be merged")


def _is_whole(folder: Path) -> bool:
    return (folder / DONE).is_file()


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
    (target / DONE).write_text(json.dumps({"adapter": adapter.name}), encoding="ascii")


if __name__ == "__main__":
    _merge(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
