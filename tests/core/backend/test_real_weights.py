"""The bundled Transformer, really converted and computed; fp32 torch is the judge."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.backend.checkpoint import open_checkpoint
from core.backend.open import open_encoder
from core.backend.openvino_runtime import multiplies_int8
from core.backend.queue import EncoderQueue
from core.backend.texts import short_texts
from core.embedding_files import embed_file
from core.errors import Invalid, Misconfigured
from core.settings import Precision, Settings

pytestmark = pytest.mark.integration


needs_vnni = pytest.mark.skipif(
    not multiplies_int8(), reason="int8 products saturate on this processor, which is why auto does not choose it here"
)


@pytest.fixture
def encoder(warm_home: Path) -> Iterator[EncoderQueue]:
    opened = open_encoder(Settings(home=warm_home))
    yield opened
    opened.close()


@pytest.mark.parametrize("precision", [pytest.param("int8", marks=needs_vnni), "float"])
def test_every_vector_agrees_with_fp32_torch(warm_home: Path, tmp_path: Path, precision: Precision):
    from core.backend.torch_runtime import TorchRuntime

    encoder = open_encoder(Settings(home=warm_home, precision=precision))
    settings = Settings(home=tmp_path, precision="f32")
    checkpoint = open_checkpoint(settings)
    reference = EncoderQueue(
        checkpoint, TorchRuntime(checkpoint, settings), batch_tokens=4_096, queue_tokens=10**6, cache_texts=0
    )
    texts = [*short_texts(300), "", "ok", "naïve café 你好 🙂", "word " * 2_000]
    cosines = (encoder.encode(texts) * reference.encode(texts)).sum(axis=1)
    reference.close()
    encoder.close()
    assert cosines.min() >= 0.99


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: EncoderQueue, warm_home: Path):
    texts = short_texts(64, seed=3)
    together = encoder.encode(texts)
    fresh = open_encoder(Settings(home=warm_home))
    alone = np.concatenate([fresh.encode([text]) for text in texts])
    fresh.close()
    assert (together * alone).sum(axis=1).min() >= 0.999


def test_serving_on_a_cpu_imports_no_torch(warm_home: Path):
    code = (
        "import sys; from core.settings import read_settings; from core.backend.open import open_encoder\n"
        "encoder = open_encoder(read_settings()); encoder.encode(['a question']); encoder.close()\n"
        "print([name for name in ('torch', 'transformers', 'nncf', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"TRIVIUM_HOME": str(warm_home), "TRIVIUM_PRECISION": "float", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.usefixtures("encoder")
def test_a_damaged_graph_is_noticed_and_made_again(warm_home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    home = tmp_path / "damaged"
    shutil.copytree(warm_home / "runtimes", home / "runtimes")
    backbone = open_checkpoint(Settings(home=home)).fingerprint[:16]
    [graph] = (home / "runtimes").glob(f"{backbone}-float-*/graph.bin")
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 1
    graph.write_bytes(data)
    opened = open_encoder(Settings(home=home))
    opened.close()
    assert "damaged and is converted again" in caplog.text
    files = json.loads(graph.with_name("manifest.json").read_text())["files"]
    assert files["graph.bin"] == hashlib.sha256(graph.read_bytes()).hexdigest()


def test_weights_that_do_not_match_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.backend.checkpoint.BUNDLED_SHA256", "0" * 64)
    with pytest.raises(Misconfigured, match="do not have the expected SHA-256"):
        open_checkpoint(Settings(home=tmp_path))


def test_a_directory_without_safetensors_is_refused(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickled")
    with pytest.raises(Misconfigured, match=r"lacks model\.safetensors.*pickled weights are never opened"):
        open_checkpoint(Settings(home=tmp_path, model=str(tmp_path)))


def test_a_file_of_texts_becomes_a_file_of_vectors(encoder: EncoderQueue, tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.npy"
    source.write_text('{"text": "one"}\n\n{"text": "two", "more": 1}\n')
    report = embed_file(encoder, source, target, lambda _: None)
    assert report.texts == 2
    assert np.allclose(np.load(target), encoder.encode(["one", "two"]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"text": "one"}\nnot json\n', "Line 2 of in.jsonl is not JSON"),
        (b'{"label": "one"}\n', 'Line 1 of in.jsonl has no "text"'),
        (b'{"text": "caf\xe9"}\n', "In.jsonl is not UTF-8"),
    ],
)
def test_a_bad_file_is_named_and_the_target_stays(encoder: EncoderQueue, tmp_path: Path, content: bytes, sentence: str):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.npy"
    source.write_bytes(content)
    target.write_bytes(b"what was there")
    with pytest.raises(Invalid, match=re.escape(sentence)):
        embed_file(encoder, source, target, lambda _: None)
    assert target.read_bytes() == b"what was there"
    assert sorted(tmp_path.iterdir()) == [source, target]


@pytest.mark.usefixtures("encoder")
def test_processes_that_start_at_once_compile_one_after_the_other(warm_home: Path, tmp_path: Path):
    home = tmp_path / "fresh"
    shutil.copytree(warm_home / "runtimes", home / "runtimes", ignore=shutil.ignore_patterns("compiled"))
    code = (
        "from core.settings import read_settings; from core.backend.open import open_encoder\n"
        "encoder = open_encoder(read_settings()); print(len(encoder.encode(['a question']))); encoder.close()"
    )
    environment = {"TRIVIUM_HOME": str(home), "TRIVIUM_PRECISION": "float", "PATH": "/usr/bin"}
    started = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=300) for process in started]
    assert [out.strip() for out, _ in said] == [b"1"] * 4, said
