"""What a learning problem is: a frozen manifest, as light as an app's. Trains nothing; `core.training` does."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import Misconfigured, NotFound
from core.outcomes import Labelled

Reader = Callable[[Mapping[str, Any]], Labelled]
"""From a row's fields, by column, to an example; the label may be missing where one is to be predicted.

raises: KeyError for a column that is missing, ValueError with words that follow "line 7 of rows.csv"
"""

Objective = Literal["classify", "regress", "retrieve", "fill-mask", "text-generation", "chat"]


@dataclass(frozen=True)
class Task:
    """A learning problem. Name it in an app's manifest and it trains, predicts, evaluates, calibrates and serves.

    labels: the classes, where they are fixed; empty: those of the examples
    reader: where rows have other columns than "text", "label" and "entity"; a function of a module
    with_entity: whether a row may name the `entity` that the label or number is about
    metric: the figure by which versions are compared
    start: a shipped model whose backbone the training of a whole one begins with, where the bundled backbone is in use
    recipe: what is trained differently from the objective's own recipe (names of `core.training.recipe.Recipe`)
    """

    name: str
    summary: str
    objective: Objective = "classify"
    labels: tuple[str, ...] = ()
    reader: Reader | None = None
    with_entity: bool = False
    metric: str = "accuracy"
    start: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """raises: Misconfigured when the manifest contradicts itself"""
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", self.name):
            raise Misconfigured(f"task name {self.name!r} is not lower-case words", remedy="rename it")
        if self.reader is not None and self.objective != "classify":
            raise Misconfigured(f"task {self.name!r} has a reader but no labels to read", remedy="leave it out")


BUILT_IN = (
    Task("intent", "What a message wants: one of your own intents, or none of them.", start="assistant-intents"),
    Task(
        "sentiment",
        "The mood of a text, or towards the entity that a row names.",
        labels=("negative", "neutral", "positive"),
        with_entity=True,
        metric="macro_f1",
        recipe={"templates": ("{}", "The news is {}.", "The mood is {}.")},
    ),
    Task(
        "regression",
        "A number for a text, or for the entity that a row names: urgency, price, stars.",
        objective="regress",
        with_entity=True,
        metric="mae",
    ),
    Task(
        "retrieval",
        "Which passage answers a query: an encoder of your own, from pairs of the two.",
        objective="retrieve",
        metric="hit_at_1",
    ),
    Task(
        "mlm",
        "The words of your own texts: an encoder that has read them, to train other tasks on.",
        objective="fill-mask",
        metric="perplexity",
    ),
    Task(
        "clm",
        "What comes next in your own texts: a small language model, from nothing or further than another one.",
        objective="text-generation",
        metric="perplexity",
    ),
    Task(
        "dialogue",
        "What an assistant replies: a causal language model that has learned from conversations.",
        objective="chat",
        metric="perplexity",
    ),
)


class NoSuchTask(NotFound):
    """A task that neither core nor an app brings."""

    exit_code = 2

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no task {name!r:.80}", remedy=f"use one of {', '.join(known)}, or install its app")


def find_task(name: str, brought: Sequence[Task] = ()) -> Task:
    """The task of that name, an app's before core's own.

    raises: NoSuchTask

    >>> find_task("intent").objective
    'classify'
    """
    known = {task.name: task for task in (*BUILT_IN, *brought)}
    if name not in known:
        raise NoSuchTask(name, list(known))
    return known[name]
