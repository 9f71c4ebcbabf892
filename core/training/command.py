"""What `trivium train` does, from the words typed to a version in the registry. Prints through what it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from core.app import installed_apps
from core.backend.checkpoint import open_checkpoint
from core.clock import system_clock
from core.errors import Invalid
from core.evaluation.classification import measure
from core.services import open_registry
from core.settings import Settings
from core.tasks import find_task
from core.training.checkpoints import forget, run_id
from core.training.examples import Examples, check_known, check_trainable, read_examples
from core.training.recipe import FEW, Recipe, recipe_for

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What was asked for. chosen: fields of the recipe, None where the recipe's own is meant"""

    task: str
    data: Sequence[Path]
    name: str
    valid: Sequence[Path] = ()
    few_shot: bool = False
    chosen: dict[str, object] = field(default_factory=dict)
    licence: str = "unknown"
    promote: bool = False
    command: str = ""


def run(order: Order, settings: Settings, say: Say, show: Callable[[str, Any], None]) -> dict[str, Any]:
    """Read, check, train, calibrate, measure, publish.

    show: told the stage and the `core.training.loop.Progress` in it

    returns: what is printed with --json
    raises: Invalid before any work when the data or the order do not fit
    """
    task = find_task(order.task, [task for app in installed_apps()[0] for task in app.tasks])
    if task.objective != "classify":
        raise Invalid(f"{task.name} is no task of labels", remedy="use intent or sentiment")
    examples = read_examples(order.data, task)
    check_trainable(examples, task)
    valid = read_examples(order.valid, task) if order.valid else None
    if valid is not None:
        check_known(valid, examples.labels)
    _tell(examples, say)
    recipe = _recipe(order, examples, dict(task.recipe))
    checkpoint = open_checkpoint(settings)
    registry = open_registry(settings)
    registry.draft(order.name)  # a name that cannot be used is said now, not after the training
    identity = run_id(
        data=examples.fingerprint,
        valid=valid.fingerprint if valid else "",
        recipe=recipe.model_dump(),
        base=checkpoint.fingerprint,
        task=task.name,
        name=order.name,
    )
    folder = settings.home / "training" / identity

    from core.training.fit import fit_classifier
    from core.training.publish import publish

    trained = fit_classifier(examples, valid, checkpoint, recipe, folder, show)
    metrics = measure(trained.rows, trained.predictions)
    main = {task.metric: metrics[task.metric]} if task.metric in metrics else {}
    version = publish(
        trained,
        registry,
        order.name,
        task=task,
        examples=examples,
        base=checkpoint,
        recipe=recipe,
        metrics={**main, **metrics},
        now=system_clock(),
        command=order.command,
        licence=order.licence,
    )
    forget(folder)
    if order.promote:
        registry.promote(version.ref)
    return {
        "model": version.ref,
        "active": registry.active(order.name).number == version.number,
        "task": task.name,
        "rows": len(examples.rows),
        "repeated": examples.repeated,
        "conflicting": examples.conflicting,
        "labels": len(examples.labels),
        "recipe": recipe.model_dump(mode="json"),
        "seconds": round(trained.seconds, 1),
        "metrics": {name: figure.as_dict() for name, figure in {**main, **metrics}.items()},
    }


def _recipe(order: Order, examples: Examples, suggested: dict[str, object]) -> Recipe:
    counts = [sum(row.label == label for row in examples.rows) for label in examples.labels]
    chosen = {name: value for name, value in order.chosen.items() if value is not None}
    return recipe_for(FEW if order.few_shot else median(counts), **{**suggested, **chosen})


def _tell(examples: Examples, say: Say) -> None:
    strangers = sum(row.label is None for row in examples.rows)
    say(
        f"{len(examples.rows)} examples of {len(examples.labels)} labels"
        + (f", {strangers} out of scope" if strangers else "")
        + "."
    )
    if examples.repeated:
        say(f"{examples.repeated} rows say the same again and are used once.")
    if examples.conflicting:
        say(f"{examples.conflicting} rows are left out: the same text stands there under several labels.")
