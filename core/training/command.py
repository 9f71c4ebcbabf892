"""What `trivium train` does, from the words typed to a version in the registry. Prints through what it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.app import installed_apps
from core.clock import system_clock
from core.errors import Invalid
from core.services import open_registry
from core.settings import Settings
from core.tasks import Task, find_task
from core.training.bases import Base, open_base, suggested
from core.training.objectives import OBJECTIVES, Objective
from core.training.objectives.elsewhere import Elsewhere
from core.training.recipe import Recipe

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What was asked for. chosen: fields of the recipe, None where the recipe's own is meant

    base: what is trained further, "" where the settings decide;  config: of an architecture that begins untrained
    elsewhere: what else than examples is learned from
    """

    task: str
    data: Sequence[Path]
    name: str
    valid: Sequence[Path] = ()
    few_shot: bool = False
    chosen: dict[str, object] = field(default_factory=dict)
    licence: str = "unknown"
    promote: bool = False
    command: str = ""
    base: str = ""
    config: Path | None = None
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


def run(order: Order, settings: Settings, say: Say, show: Callable[[str, Any], None]) -> dict[str, Any]:
    """Read, check, train, measure, publish: the same steps for every objective.

    show: told the stage and the `core.training.loop.Progress` in it

    returns: what is printed with --json
    raises: Invalid before any work when the data or the order do not fit
    """
    brought = [task for app in installed_apps()[0] for task in app.tasks]
    task = find_task(order.task, brought)
    objective = _read(order, task, brought, settings)
    for line in objective.told():
        say(line)
    base = open_base(task, order.base, order.config, settings)
    recipe = _recipe(order, objective, base, task)

    from core.training.checkpoints import forget, run_id

    registry = open_registry(settings)
    registry.draft(order.name)  # a name that cannot be used is said now, not after the training
    data, valid = objective.fingerprints
    identity = run_id(
        data=data,
        valid=valid,
        recipe=recipe.model_dump(),
        base=base.fingerprint,
        task=task.name,
        name=order.name,
    )
    folder = settings.home / "training" / identity
    trained = objective.train(base, recipe, folder, show)

    from core.training.publish import publish

    metrics = trained.measure()
    main = {task.metric: metrics[task.metric]} if task.metric in metrics else {}
    version = publish(
        trained,
        registry,
        order.name,
        task=task,
        examples=objective,
        base=base,
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
        **objective.counts(),
        "recipe": recipe.model_dump(mode="json"),
        "seconds": round(trained.seconds, 1),
        "metrics": {name: figure.as_dict() for name, figure in {**main, **metrics}.items()},
    }


def _read(order: Order, task: Task, brought: Sequence[Task], settings: Settings) -> Objective:
    read = OBJECTIVES.get(task.objective)
    if read is None:
        raise Invalid(
            f"{task.name} is of the kind {task.objective!r}, which cannot be trained yet",
            remedy=f"use a task of the kind {' or '.join(OBJECTIVES)}",
        )
    order.elsewhere.check(task, order.data)
    if not order.elsewhere.options:
        return read(order.data, order.valid, task)

    from core.training.objectives.transfer import Transfer
    from core.training.objectives.zero_shot import WordsAlone

    if order.elsewhere.labels and not order.data:
        return WordsAlone.read(order.elsewhere.labels, order.valid, task)
    student = settings.model_copy(update={"model": order.base}) if order.base else settings
    return Transfer.read(
        order.data,
        order.valid,
        task,
        order.elsewhere,
        brought=brought,
        registry=open_registry(settings),
        settings=(settings, student),
    )


def _recipe(order: Order, objective: Objective, base: Base, task: Task) -> Recipe:
    chosen = {name: value for name, value in order.chosen.items() if value is not None}
    if chosen.get("method") == "zero-shot" and order.data:
        raise Invalid("--method zero-shot trains nothing", remedy="choose full, lora or head, or give --labels alone")
    method = chosen.get("method", task.recipe.get("method"))
    chosen = {**suggested(base, method), **task.recipe, **chosen}
    try:
        return objective.recipe(chosen, few_shot=order.few_shot)
    except ValidationError as error:
        [fault, *_] = error.errors()
        raise Invalid(
            f"{'.'.join(map(str, fault['loc']))} {fault['input']!r:.80} does not fit: {fault['msg']}",
            remedy="see `trivium train --help`",
        ) from error
