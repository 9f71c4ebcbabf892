"""What `trivium train` does, from the words typed to a version in the registry. Prints through what it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from core.app import installed_apps
from core.backend.models import open_registry
from core.backend.registry import Registry
from core.clock import system_clock
from core.errors import Invalid
from core.settings import Settings
from core.tasks import Task, find_task
from core.training import parallel
from core.training.bases import Base, further, open_base, suggested
from core.training.objectives import OBJECTIVES, Objective
from core.training.objectives.elsewhere import Elsewhere
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from core.training.publish import Result

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

    Of several processes (see `core.training.parallel`) all train, and one does the rest.

    show: told the stage and the `core.training.loop.Progress` in it

    returns: what is printed with --json; nothing in a process that has only helped
    raises: Invalid before any work when the data or the order do not fit; Running; Parted
    """
    if not parallel.leads():
        say = show = _keep_quiet
    with ExitStack() as opened:
        with parallel.joined():
            job = parallel.lead_first(lambda: _prepare(order, settings, say, opened))
            trained = job.objective.train(job.base, job.recipe, job.folder, show)
        return _published(order, job, trained) if parallel.leads() else {}


@dataclass(frozen=True)
class _Job:
    """What is to be trained, when all is read and checked. folder: of the run's checkpoints"""

    task: Task
    objective: Objective
    recipe: Recipe
    base: Base
    registry: Registry
    folder: Path


def _prepare(order: Order, settings: Settings, say: Say, opened: ExitStack) -> _Job:
    """opened: is given the lock on the run's checkpoints"""
    brought = [task for app in installed_apps()[0] for task in app.tasks]
    task = find_task(order.task, brought)
    objective = _read(order, task, brought, settings)
    for line in objective.told():
        say(line)
    base = open_base(task, order.base, order.config, settings)
    recipe = _recipe(order, objective, base, task)

    from core.training.checkpoints import held, run_id

    registry = open_registry(settings)
    if not order.base:
        base = further(base, task, recipe, registry, settings.home)
    registry.draft(order.name)  # a name that cannot be used is said now, not after the training
    data, valid = objective.fingerprints
    identity = run_id(
        data=data,
        valid=valid,
        recipe=recipe.model_dump(),
        base=base.fingerprint,
        task=task.name,
        name=order.name,
        **({"processes": parallel.size()} if parallel.size() > 1 else {}),
    )
    folder = settings.home / "training" / identity
    if parallel.leads():
        opened.enter_context(held(folder))
    return _Job(task, objective, recipe, base, registry, folder)


def _published(order: Order, job: _Job, trained: Result) -> dict[str, Any]:
    from core.training.checkpoints import forget
    from core.training.publish import publish

    task, registry, metrics = job.task, job.registry, trained.measure()
    main = {task.metric: metrics[task.metric]} if task.metric in metrics else {}
    version = publish(
        trained,
        registry,
        order.name,
        task=task,
        examples=job.objective,
        base=job.base,
        recipe=job.recipe,
        metrics={**main, **metrics},
        now=system_clock(),
        command=parallel.as_started(order.command),
        licence=order.licence,
    )
    forget(job.folder)
    if order.promote:
        registry.promote(version.ref)
    return {
        "model": version.ref,
        "active": registry.active(order.name).number == version.number,
        "task": task.name,
        **job.objective.counts(),
        "recipe": job.recipe.model_dump(mode="json"),
        "seconds": round(trained.seconds, 1),
        "metrics": {name: figure.as_dict() for name, figure in {**main, **metrics}.items()},
    }


def _keep_quiet(*_: object) -> None:
    """Another process speaks."""


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
