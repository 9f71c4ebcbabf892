"""Trainings whose result does not depend on how many processes do them: `… abreast BASE DATA OUT`.

Run alone or by torchrun. Dropout is off, since each process draws its own.
"""

import sys
from pathlib import Path

from core.backend.checkpoint import open_checkpoint
from core.settings import Settings
from core.tasks import find_task
from core.training import parallel
from core.training.objectives import OBJECTIVES
from core.training.recipe import Recipe

PLAIN = {"epochs": 2, "batch": 5, "learning_rate": 1e-3, "dropout": 0.0, "seed": 3}
CASES = {  # name: task, recipe, whether there are validation rows; of 71 examples, 1 is the last batch
    "labels": ("intent", PLAIN, True),
    "stopped": ("intent", {**PLAIN, "epochs": 30, "patience": 1}, True),
    "words": ("mlm", {**PLAIN, "accumulate": 2}, False),
}


def train_all(base: Path, data: Path, out: Path) -> None:
    """Train each case, and let rank 0 save it."""
    settings = Settings(home=out / "home", model=str(base))
    checkpoint = open_checkpoint(settings)
    with parallel.joined():
        for name, (task, recipe, measured) in CASES.items():
            about = find_task(task)
            valid = [data / f"{task}-valid.jsonl"] if measured else []
            objective = OBJECTIVES[about.objective]([data / f"{task}.jsonl"], valid, about)
            trained = objective.train(checkpoint, Recipe.model_validate(recipe), out / "run" / name, lambda *_: None)
            if parallel.leads():
                (out / name).mkdir()
                trained.save(out / name)


if __name__ == "__main__":
    train_all(*map(Path, sys.argv[1:]))
