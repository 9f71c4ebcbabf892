"""The kinds of training: what each reads, checks, tells, trains. Importing them costs nothing; torch comes later."""

from core.training.objectives.classification import Classification
from core.training.objectives.dialogue import Dialogue
from core.training.objectives.objective import Objective, Reads
from core.training.objectives.regression import Regression
from core.training.objectives.retrieval import Retrieval
from core.training.objectives.words import Words
from core.training.objectives.writing import Writing

OBJECTIVES: dict[str, Reads] = {
    "classify": Classification.read,
    "regress": Regression.read,
    "retrieve": Retrieval.read,
    "fill-mask": Words.read,
    "text-generation": Writing.read,
    "chat": Dialogue.read,
}

__all__ = ["OBJECTIVES", "Objective"]
