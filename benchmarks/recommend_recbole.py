"""SASRec of RecBole on the same data, split and processor, stopped after the time given: what ours is compared with.

python -m benchmarks.recommend_recbole FOLDER --minutes 15

Each user's last event is hidden, the one before it is RecBole's to validate on; all items are ranked but those that a
user had before, ties by the lower number, as `python -m benchmarks.recommend` does. RecBole's defaults for SASRec (two
layers, width 64, the last 50 events, cross-entropy). Its own validation after each epoch counts as training. Of its
last weights and those that it validated best, the better by the hidden events is taken: in its favour.
RecBole 1.2.1 is not among this project's requirements: install `recbole`, `numpy<2`, `pandas<2.3`, `scipy<1.15` and
`setuptools<81` into an environment of their own that also sees this folder. Prints one JSON object.
"""

import argparse
import contextlib
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from apps.recommender.pipeline.model.histories import Histories
from apps.recommender.pipeline.model.holding_out import last_events
from benchmarks.recommend_data import events_of

AT_ONCE = 512
LEAST = 3
"""Events of a user from which RecBole can hide one, validate on one and learn from one."""


class TimeIsUp(Exception):
    """Raised within a step, so that an epoch may end in its midst."""


def write(histories: Histories, folder: Path) -> None:
    """Events as RecBole reads them; the time of each is its place in its user's history, so that no two are equal."""
    place = np.arange(len(histories.item)) - histories.starts[:-1][histories.user]
    rows = zip(histories.user.tolist(), histories.item.tolist(), place.tolist(), strict=True)
    lines = ["user_id:token\titem_id:token\ttimestamp:float", *(f"{u}\t{i}\t{t}" for u, i, t in rows)]
    folder.mkdir()
    (folder / f"{folder.name}.inter").write_text("\n".join(lines) + "\n", encoding="utf-8")


def settings(folder: Path, seed: int) -> dict[str, Any]:
    """RecBole's own defaults, but for data, split and quiet."""
    return {
        "data_path": str(folder),
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
        "eval_args": {"split": {"LS": "valid_and_test"}, "group_by": "user", "order": "TO", "mode": "full"},
        "train_neg_sample_args": None,
        "loss_type": "CE",
        "MAX_ITEM_LIST_LENGTH": 50,
        "use_gpu": False,
        "show_progress": False,
        "state": "WARNING",
        "seed": seed,
    }


def trained(
    recbole: Any, folder: Path, seed: int, seconds: float, clock: Callable[[], float]
) -> tuple[Any, Any, list[dict[str, Any]], str]:
    """A trained SASRec, the data set that knows its numbers, its states worth measuring, and how it ended."""
    config = recbole["config"].Config(model="SASRec", dataset="events", config_dict=settings(folder, seed))
    recbole["utils"].init_seed(config["seed"], config["reproducibility"])
    dataset = recbole["data"].create_dataset(config)
    learn, validate, _ = recbole["data"].data_preparation(config, dataset)
    model = recbole["utils"].get_model("SASRec")(config, learn.dataset)
    trainer = recbole["utils"].get_trainer(config["MODEL_TYPE"], "SASRec")(config, model)
    began, steps, epochs = clock(), 0, 0
    ask = model.calculate_loss

    def loss_in_time(batch: Any) -> Any:
        nonlocal steps
        if clock() >= began + seconds:
            raise TimeIsUp
        steps += 1
        return ask(batch)

    def told(epoch: int, score: float) -> None:
        nonlocal epochs
        epochs = epoch + 1
        print(f"epoch {epochs}: {score:.4f}, {clock() - began:.0f} s", file=sys.stderr, flush=True)

    def kept() -> dict[str, Any]:
        return {name: value.clone() for name, value in model.state_dict().items()}

    best: list[dict[str, Any]] = []

    def keep(*_: Any, **__: Any) -> None:
        best[:] = [kept()]

    model.calculate_loss = loss_in_time
    trainer._save_checkpoint = keep  # in memory: what it writes is a pickle
    end = "stopped by itself"
    try:
        trainer.fit(learn, validate, verbose=False, saved=True, callback_fn=told)
    except TimeIsUp:
        end = "out of time"
    return model, dataset, [kept(), *best], f"{end}, {epochs} whole epochs, {steps} steps"


def measured(model: Any, dataset: Any, histories: Histories, users: Sequence[int], wanted: np.ndarray) -> Any:
    """(h,), the place of each wanted item among all that its user had not had, from 0."""
    import torch

    tokens = dataset.field2token_id["item_id"]
    numbers = np.array([tokens.get(str(item), 0) for item in range(histories.item_count)])
    model.eval()
    places = []
    for start in range(0, len(users), AT_ONCE):
        part = histories.of_users(np.array(users[start : start + AT_ONCE], dtype=np.int32))
        lengths = np.minimum(part.lengths, 50)
        items = np.zeros((len(part), 50), dtype=np.int64)
        for row in range(len(part)):
            own = numbers[part.item[part.of(row)]]
            items[row, : lengths[row]] = own[len(own) - lengths[row] :]
        asked = {"item_id_list": torch.from_numpy(items), "item_length": torch.from_numpy(lengths)}
        with torch.no_grad():
            said = model.full_sort_predict(asked).numpy()
        scores = np.where(numbers[None, :] > 0, said[:, numbers], -np.inf)  # items that RecBole never met rank last
        scores[part.user, part.item] = -np.inf
        want = wanted[start : start + AT_ONCE]
        value = scores[np.arange(len(part)), want][:, None]
        ties = (scores == value) & (np.arange(scores.shape[1])[None, :] < want[:, None])
        places.append((scores > value).sum(1) + ties.sum(1))
    return np.concatenate(places)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, hide, train, rank, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, required=True, help="after which training is cut short")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--processor", action="store_true", help="count this process's seconds on processors, not the wall's"
    )
    given = parser.parse_args(arguments)
    clock = time.process_time if given.processor else time.monotonic
    try:
        recbole = {part: importlib.import_module(f"recbole.{part}") for part in ("config", "data", "utils")}
    except ImportError as error:
        parser.exit(1, f"RecBole cannot be imported ({error}): install it as this file's head says\n")
    histories = events_of(given.folder).histories
    held = last_events(histories, len(histories), given.seed, least=2)
    wanted = np.array([one[0] for one in held.wanted])
    with tempfile.TemporaryDirectory() as kept, contextlib.chdir(kept):  # RecBole writes logs where it stands
        write(histories, Path(kept) / "events")
        began, worked = time.monotonic(), time.process_time()
        model, dataset, states, end = trained(recbole, Path(kept), given.seed, given.minutes * 60, clock)
        took, worked = time.monotonic() - began, time.process_time() - worked
    found = []
    for state in states:
        model.load_state_dict(state)
        place = measured(model, dataset, held.past, held.users.tolist(), wanted)
        gain = np.where(place < 10, 1 / np.log2(place + 2), 0)
        found.append({"recall@10": float((place < 10).mean()), "ndcg@10": float(gain.mean())})
    best = max(found, key=lambda one: one["ndcg@10"])
    figures = {name: round(value, 4) for name, value in best.items()}
    about = {"n": len(wanted), "seconds": round(took), "processor_seconds": round(worked), "end": end}
    print(json.dumps({"model": "SASRec of RecBole", **figures, **about}, indent=1))


if __name__ == "__main__":
    main()
