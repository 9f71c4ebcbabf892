"""Several versions of one model into one: the weighted mean of their weights, calibrated anew. Trains nothing.

Wortsman et al., 2022, "Model soups": networks that were trained further from one beginning, on other rows or by other
chance, have a mean that reads better than each, and costs no more to serve than one.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import AutoModel

from core.backend.checkpoint import Checkpoint
from core.backend.classifier import backbone_of, head_of
from core.backend.head import Head, HeadAbout, marked
from core.backend.registry import Registry, Version
from core.backend.tokens import Tokens
from core.clock import Clock
from core.errors import Invalid
from core.outcomes import Labelled
from core.tasks import Task
from core.training import calibration
from core.training.backbone import best_device, cut, encode
from core.training.examples import Examples
from core.training.network import Network
from core.training.publish import publish
from core.training.recipe import Recipe
from core.training.sources import Source
from core.training.trained import Trained

CLOSE = 1e-6


@dataclass(frozen=True)
class Part:
    """A version and its share of the mean; all shares are 1 together."""

    version: Version
    share: float


class Unlike(Invalid):
    """Versions that have no meaningful mean."""

    def __init__(self, one: str, other: str, what: str) -> None:
        super().__init__(
            f"{one} and {other} have another {what}, so their weights have no meaningful mean",
            remedy="average versions of one task that were trained further from one backbone",
        )


@dataclass(frozen=True)
class _Learned:
    """What the parts learned from, for the card."""

    sources: Sequence[Source]


def average(
    parts: Sequence[Part],
    name: str,
    valid: Examples,
    *,
    base: Checkpoint,
    registry: Registry,
    home: Path,
    task: Task,
    clock: Clock,
    command: str = "",
) -> Version:
    """Publish the mean of some versions as the next version of `name`.

    valid: rows that none of them learned from: calibrates the mean, and its card's figures are of these
    base: what all of them began with
    raises: Invalid for fewer than two versions or shares that are not 1 together, Unlike; what opening raises
    """
    began = time.monotonic()
    first, *_ = _checked(parts)
    recipe = Recipe.model_validate(first.card.recipe)
    trained = _mean(parts, recipe, base, home, valid.rows, began)
    learned = {data.sha256: data for part in parts for data in part.version.card.data}
    metrics = trained.measure()
    return publish(
        trained,
        registry,
        name,
        task=task,
        examples=_Learned([_Gone(Path(data.name), data.sha256, data.rows) for data in learned.values()]),
        base=base,
        recipe=recipe,
        metrics={task.metric: metrics[task.metric], **metrics},
        now=clock(),
        command=command,
        licence=first.card.licence,
    )


class _Gone(Source):
    """A file that a part learned from: what its card says of it, whether or not it still lies here."""

    def check(self) -> None:
        """Nothing is read from it."""


def _checked(parts: Sequence[Part]) -> list[Version]:
    if len(parts) < 2:
        raise Invalid("one version is its own mean", remedy="name two or more")
    if any(part.share <= 0 for part in parts) or abs(sum(part.share for part in parts) - 1) > CLOSE:
        raise Invalid(
            "the shares are not positive and 1 together", remedy="give each version a --share, such as .7 and .3"
        )
    first, *others = [part.version for part in parts]
    for other in others:
        for what, one, another in (
            ("task", first.card.task, other.card.task),
            ("list of labels", first.card.labels, other.card.labels),
            ("licence", first.card.licence, other.card.licence),
            ("backbone", first.card.base.fingerprint, other.card.base.fingerprint),
            ("scale", head_of(first).about.scale, head_of(other).about.scale),
        ):
            if one != another:
                raise Unlike(first.ref, other.ref, what)
    return [first, *others]


@torch.no_grad()
def _mean(
    parts: Sequence[Part], recipe: Recipe, base: Checkpoint, home: Path, rows: Sequence[Labelled], began: float
) -> Trained:
    about = head_of(parts[0].version).about
    network = Network(base, recipe, len(about.labels))
    state = {key: torch.zeros_like(value) for key, value in network.backbone.state_dict().items()}
    labels = torch.zeros_like(network.labels)
    for part in parts:
        whole = AutoModel.from_pretrained(
            backbone_of(part.version, base, home).path,
            add_pooling_layer=False,
            dtype=torch.float32,
            trust_remote_code=False,
        ).state_dict()
        for key, value in state.items():
            state[key] = value + part.share * whole[key] if value.is_floating_point() else whole[key]
        labels += part.share * functional.normalize(torch.from_numpy(head_of(part.version).labels.copy()), dim=-1)
    network.backbone.load_state_dict(state)
    network.labels.copy_(labels)
    network.fold()
    network.to(best_device()).eval()
    tokens = Tokens(base)
    logits = network.logits(encode(network, cut(marked(rows), tokens, recipe)).to(network.device)).cpu().numpy()
    number = {label: at for at, label in enumerate(about.labels)}
    inside = [at for at, row in enumerate(rows) if row.label is not None]
    outside = [at for at, row in enumerate(rows) if row.label is None]
    fitted = calibration.fit(
        logits[inside],
        np.array([number[str(rows[at].label)] for at in inside]),
        about.scale,
        logits[outside],
        recipe.answer_from,
    )
    head = Head(
        HeadAbout(about.labels, about.scale, **asdict(fitted)),
        functional.normalize(network.labels, dim=-1).cpu().numpy(),
    )
    told = "; ".join(f"{part.share:g} of {part.version.ref}, made by `{part.version.card.command}`" for part in parts)
    return Trained(
        network,
        head,
        tuple(rows),
        tuple(head.decide(logits)),
        sum(part.version.card.seconds for part in parts) + time.monotonic() - began,
        f"The mean of the weights of: {told}.",
    )
