"""What labels are learned from besides their examples. None of it is ever held out: it is not what is measured."""

from dataclasses import dataclass

from core.backend.encoder import Floats
from core.outcomes import Labelled
from core.training.transfer.further import Further


@dataclass(frozen=True)
class Besides:
    """labels: all that there are; empty: those of the examples

    described: labels' own words, as examples;  unlabelled: texts that only a teacher labels
    taught: (n, c), logarithms of the teacher's probabilities of the examples, `described`, `unlabelled`, in this order;
        c in the order of the labels
    further: data sets with heads of their own over the same backbone
    about: the same for the card, in sentences
    """

    labels: tuple[str, ...] = ()
    described: tuple[Labelled, ...] = ()
    unlabelled: tuple[Labelled, ...] = ()
    taught: Floats | None = None
    further: tuple[Further, ...] = ()
    about: str = ""


NOTHING_BESIDES = Besides()
