"""Read what labels mean, in words: a label nobody has examples of can be learned from them. Knows no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.outcomes import Labelled
from core.rows import BadRow, read_rows
from core.tasks import Task
from core.training.examples import LONGEST_LABEL, Examples
from core.training.sources import Source, Unusable, digest


@dataclass(frozen=True)
class LabelTexts:
    """texts: label → its description, or its name as words; in the order of the labels"""

    texts: dict[str, str]
    source: Source

    def filled(self, label: str, templates: Sequence[str]) -> list[str]:
        """The label's text in each template."""
        return [template.format(self.texts[label]) for template in templates]


def read_labels(path: Path, task: Task) -> LabelTexts:
    """Rows `{"label", "description"?}`.

    raises: Invalid naming the file or line that cannot be used, Unusable when these labels leave no choice
    """
    texts: dict[str, str] = {}
    for row in read_rows(path, column="label"):
        label, text = row.fields.get("label"), row.fields.get("description")
        if isinstance(label, bool | int):  # class numbers, as among the examples
            label = str(label)
        if not isinstance(label, str) or not (label := label.strip()):
            raise BadRow(path, row.line, 'has no "label"; rows that are out of scope need none')
        if len(label) > LONGEST_LABEL:
            raise BadRow(path, row.line, f"has a label of more than {LONGEST_LABEL} characters")
        if text is not None and not isinstance(text, str):
            raise BadRow(path, row.line, 'has a "description" that is no text')
        if label in texts:
            raise BadRow(path, row.line, f"names the label {label!r:.80} again")
        if task.labels and label not in task.labels:
            raise BadRow(path, row.line, f"has the label {label!r:.80}, none of the task's ({', '.join(task.labels)})")
        texts[label] = (text or "").strip() or words_of(label)
    if len(texts) < 2:
        raise Unusable(
            f"{path.name} names fewer than two labels", remedy="give at least two, so that there is a choice"
        )
    _check_distinct(texts)
    return LabelTexts(dict(sorted(texts.items())), Source(path, digest(path), len(texts)))


def words_of(label: str) -> str:
    """A label's name as words.

    >>> words_of("card_lost-or-stolen")
    'card lost or stolen'
    """
    return " ".join(label.replace("_", " ").replace("-", " ").split()) or label


def check_agree(labels: LabelTexts, examples: Examples) -> None:
    """raises: Unusable when an example's label is not described, or a description stands under another label"""
    file = labels.source.path.name
    if odd := [label for label in examples.labels if label not in labels.texts]:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        raise Unusable(
            f"the examples have the label {odd[0]!r:.80}{more}, which {file} does not name",
            remedy="correct its spelling, or add it there",
        )
    under = {row.text: row.label for row in examples.rows}
    for label, text in labels.texts.items():
        if text in under and under[text] != label:
            raise Unusable(
                f"{file} describes {label!r:.80} by a text that is an example of {under[text]!r:.80}",
                remedy="correct one of the two",
            )


def without_examples(labels: LabelTexts, examples: Examples) -> list[str]:
    """Labels of which there is nothing but their words."""
    known = set(examples.labels)
    return [label for label in labels.texts if label not in known]


def as_examples(labels: LabelTexts, examples: Examples, templates: Sequence[str]) -> tuple[Labelled, ...]:
    """A label's text counts as one more example of it; of a label that has none, the text in every template does."""
    alone, there = set(without_examples(labels, examples)), {row.text for row in examples.rows}
    return tuple(
        Labelled(text, label)
        for label in labels.texts
        for text in dict.fromkeys(labels.filled(label, templates) if label in alone else [labels.texts[label]])
        if text not in there
    )


def _check_distinct(texts: dict[str, str]) -> None:
    first: dict[str, str] = {}
    for label, text in texts.items():
        if (other := first.setdefault(text.casefold(), label)) != label:
            raise Unusable(
                f"the labels {other!r:.80} and {label!r:.80} are described alike",
                remedy="describe each in words of its own",
            )
