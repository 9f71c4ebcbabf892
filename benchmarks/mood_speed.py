"""How fast `trivium finance score` reads headlines, as a whole process, beside a classifier of BERT-base's size.

python -m benchmarks.mood_speed --texts 20000 --runs 3

Both are started anew for each run, in turn: `trivium finance score` on a file of headlines, and a script that reads as
many of the same ones with a BERT-base classifier (FinBERT's architecture, fp32, torch, batches of 64 sorted by length;
its weights are random, since they cost the same). Of the latter fewer texts are read; both are given in texts a second.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from apps.finance_sentiment.sample.events import generate

# What a colleague would write: load, tokenise, sort by length, read.
BASELINE = """
import json, sys, torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForSequenceClassification
source, tokenizer = sys.argv[1:3]
torch.manual_seed(1)
model = BertForSequenceClassification(BertConfig(num_labels=3)).eval()
cut = Tokenizer.from_file(tokenizer)
cut.no_padding()
texts = [json.loads(line)["text"] for line in open(source, encoding="utf-8")]
rows = sorted((one.ids for one in cut.encode_batch(texts)), key=len)
with torch.inference_mode():
    for at in range(0, len(rows), 64):
        part = rows[at : at + 64]
        longest = max(map(len, part))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in part])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in part])
        model(input_ids=ids, attention_mask=mask).logits.softmax(-1)
"""


def seconds(command: list[str], home: Path) -> float:
    """Wall clock of a whole process, which goes well."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "TRIVIUM_HOME": str(home)})
    return time.perf_counter() - began


def main(arguments: Sequence[str]) -> None:
    """Print both and their ratio."""
    from core.backend.checkpoint import open_checkpoint
    from core.settings import Settings

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--baseline-texts", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(arguments)
    titles = [one.title for one in generate(datetime(2026, 6, 1, tzinfo=UTC)).documents]
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        many, few = folder / "many.jsonl", folder / "few.jsonl"
        drawn = [f"{title} ({n})" for n, title in enumerate(chance.choices(titles, k=asked.texts))]  # none twice
        many.write_text("".join(json.dumps({"text": text, "entity": text.split()[0]}) + "\n" for text in drawn))
        few.write_text("".join(json.dumps({"text": text}) + "\n" for text in drawn[: asked.baseline_texts]))
        tokenizer = open_checkpoint(Settings(home=folder)).tokenizer
        ours = [sys.executable, "-m", "core.cli", "finance", "score", str(many), str(folder / "out.jsonl")]
        theirs = [sys.executable, "-c", BASELINE, str(few), str(tokenizer)]
        seconds(ours, folder)  # the first run converts the model, once for each home
        found = []
        for run in range(asked.runs):
            own, other = asked.texts / seconds(ours, folder), asked.baseline_texts / seconds(theirs, folder)
            found.append(own / other)
            print(f"run {run + 1}: {own:,.0f} texts/s, BERT-base {other:,.1f} texts/s, ratio {own / other:.1f}")
    print(f"median ratio {statistics.median(found):.1f} ({min(found):.1f} to {max(found):.1f}, n = {len(found)} runs)")


if __name__ == "__main__":
    main(sys.argv[1:])
