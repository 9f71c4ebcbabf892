"""What is known about a trained model: data, recipe, how good it is, on what machine. Names no host and no folder."""

import json
import re
import shlex
from collections.abc import Iterable
from datetime import UTC
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from core.backend.checkpoint import BUNDLED
from core.backend.registry.markdown import line, table, yaml

Finite = Annotated[float, Field(allow_inf_nan=False)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, Field(min_length=1, max_length=200)]

HUB = {BUNDLED: "sentence-transformers/all-MiniLM-L6-v2"}
"""What the hub calls backbones that we call otherwise."""

# Objectives → what the hub calls them. It has no word for others, such as recommending, and is then told none.
_KINDS = {
    "text-generation": "text-generation",
    "chat": "text-generation",
    "retrieve": "sentence-similarity",
    "fill-mask": "sentence-similarity",  # what such a training makes here is an encoder
}

# The identifiers among the hub's (huggingface.co/docs/hub/repositories-licenses) that data sets mostly have.
LICENCES = frozenset(
    "apache-2.0 mit bsd-3-clause cc0-1.0 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-4.0 cc-by-nc-sa-4.0 "
    "cc-by-nd-4.0 odbl odc-by pddl cdla-permissive-2.0 gpl-3.0 agpl-3.0 openrail unknown".split()
)


def _without_folders(command: str) -> str:
    """Words as typed, but of a path only its last part: folders tell who works where.

    >>> _without_folders("trivium train mood --data='/home/ada lovelace/news.csv' ./out/")
    'trivium train mood --data=news.csv out'
    """
    try:
        words = shlex.split(command)
    except ValueError:  # an open quotation mark
        words = command.split()
    return shlex.join(re.sub(r"[^=,]*[/\\](?=[^/\\=,])", "", word.rstrip("/\\")) for word in words)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Backbone(_Frozen):
    """The encoder that was trained further. fingerprint: names its vector space"""

    name: Words
    fingerprint: Words


class Dataset(_Frozen):
    """Data that was learned from or measured on. name: a file's base name or a published one;  rows: how many"""

    name: Words
    sha256: Sha256
    rows: int = Field(ge=0)
    licence: str | None = None


class Metric(_Frozen):
    """A measured number with its interval. n: how many examples it was measured on"""

    value: Finite
    low: Finite
    high: Finite
    n: int = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Metric":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self

    def __str__(self) -> str:
        """
        >>> str(Metric(value=0.81234, low=0.78, high=0.84, n=500))
        '0.8123 [0.78, 0.84]'
        """
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]"


class Machine(_Frozen):
    """What it was trained on. cpu: model name, as the processor gives it;  torch: version"""

    cpu: str
    cores: int = Field(ge=1)
    torch: str


class Card(_Frozen):
    """All that is known about a version. Name and version are set when it is published.

    method: how, e.g. "lora";  recipe: every knob, plain values;  metrics: the main one first
    seconds: wall clock of the training;  licence: of the data
    """

    format: Literal[1] = 1
    name: str = Field(default="draft", pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    version: int = Field(default=0, ge=0)
    task: Words
    objective: Words
    base: Backbone
    labels: list[str] = Field(default_factory=list)
    method: Words
    recipe: dict[str, JsonValue] = Field(default_factory=dict)
    seeds: list[int] = Field(default_factory=list)
    data: list[Dataset] = Field(default_factory=list)
    metrics: dict[str, Metric] = Field(default_factory=dict)
    trained_at: Annotated[AwareDatetime, AfterValidator(lambda when: when.astimezone(UTC))]
    seconds: float = Field(ge=0, allow_inf_nan=False)
    machine: Machine
    command: Annotated[str, AfterValidator(_without_folders)] = ""
    licence: str = "unknown"
    notes: str = ""

    def main_metric(self) -> tuple[str, Metric] | None:
        """The first metric with its name."""
        return next(iter(self.metrics.items()), None)

    def to_markdown(self) -> str:
        """A model card: YAML front matter as Hugging Face reads it, then the same in words for people."""
        return "\n".join([*self._front_matter(), "", *self._page(), ""])

    def _kind(self) -> str | None:
        """What the hub calls it; None where it has no word."""
        # A number for a text is a text classification of one label to the hub's tools.
        gives = self.labels or self.objective == "regress"
        return "text-classification" if gives else _KINDS.get(self.objective)

    def _front_matter(self) -> Iterable[str]:
        kind = self._kind()
        head: dict[str, Any] = {"license": self.licence.lower() if self.licence.lower() in LICENCES else "other"}
        if head["license"] == "other":
            head["license_name"] = self.licence
        base = HUB.get(self.base.name, self.base.name)
        if "/" in base:  # the hub refuses a base that is not a name of its own
            head["base_model"] = base
        head |= {"library_name": "trivium"} | ({"pipeline_tag": kind} if kind else {})
        head["tags"] = ["trivium", self.task]
        if self.metrics:
            names = ", ".join(data.name for data in self.data) or "not stated"
            result = {
                "task": {"type": kind or self.objective, "name": self.task},
                "dataset": {"type": names, "name": names},
                "metrics": [{"type": name, "name": name, "value": m.value} for name, m in self.metrics.items()],
            }
            head["metrics"] = list(self.metrics)
            head["model-index"] = [{"name": self.name, "results": [result]}]
        return ["---", *(f"{key}: {yaml(value)}" for key, value in head.items()), "---"]

    def _page(self) -> Iterable[str]:
        yield f"# {self.name}, version {self.version}"
        yield ""
        base, task, objective, method = map(line, (self.base.name, self.task, self.objective, self.method))
        if self._kind():
            yield f"{base} trained for {task} ({objective}) by {method}."
        else:  # a model of its own beside the backbone
            yield f"Task: {task}. Made by: {method}. Texts are read by {base}, which stays as it is."
        if self.labels:
            yield f"Labels: {line(', '.join(self.labels))}."
        if self.metrics:
            yield from table(
                "How good it is",
                ("metric", "value", "interval", "n"),
                [(k, f"{m.value:.4g}", f"{m.low:.4g} to {m.high:.4g}", m.n) for k, m in self.metrics.items()],
            )
        if self.data:
            yield from table(
                "Data",
                ("name", "rows", "licence", "SHA-256"),
                [(d.name, d.rows, d.licence or "", f"`{d.sha256[:16]}`") for d in self.data],
            )
        if self.recipe:
            recipe = [(k, json.dumps(v, ensure_ascii=False)) for k, v in self.recipe.items()]
            yield from table("Recipe", ("knob", "value"), recipe)
        made: list[tuple[str, object]] = [
            ("trained", f"{self.trained_at:%Y-%m-%d %H:%M} UTC, {self.seconds:.0f} s"),
            ("machine", f"{self.machine.cpu}, {self.machine.cores} cores, torch {self.machine.torch}"),
            ("seeds", ", ".join(map(str, self.seeds))),
            ("command", f"`{self.command}`" if self.command else ""),
            ("backbone", f"{self.base.name} `{self.base.fingerprint[:16]}`"),
            ("licence of the data", self.licence),
        ]
        yield from table("How it was made", ("what", ""), [row for row in made if row[1]])
        if self.notes:
            yield from ("", "## Notes", "", self.notes.strip())
