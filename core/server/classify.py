"""Labels of trained models over HTTP: which label, how sure, on which words it stands. Trains and stores nothing."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError, to_json

from core.app import Services
from core.auth.access import Caller, require
from core.backend.classifier import GivesNoLabels
from core.backend.explain import Reason, explain, tokens_to_read
from core.outcomes import Labelled, Prediction
from core.server.faults import OURS
from core.server.openai import MOST_CHARACTERS, Usage, model_id

MOST_TEXTS = 256
DIGITS = 6  # of probabilities and weights


class Item(BaseModel):
    """A text, and whom in it the label should be about."""

    text: str
    entity: str = ""


def _parse_rows(value: object) -> list[Labelled]:
    rows = [value] if isinstance(value, str) else value
    if not isinstance(rows, list) or not rows:
        raise PydanticCustomError(f"{OURS}input", "must be a text or a list of texts that is not empty")
    if len(rows) > MOST_TEXTS:
        raise PydanticCustomError(f"{OURS}input", f"has more than {MOST_TEXTS} texts: send them in several requests")
    return [_parse_row(row) for row in rows]


def _parse_row(value: object) -> Labelled:
    item = {"text": value} if isinstance(value, str) else value
    if not isinstance(item, dict) or not item.keys() <= {"text", "entity"}:
        raise PydanticCustomError(f"{OURS}input", 'must hold texts, or objects of "text" and "entity"')
    text, entity = item.get("text"), item.get("entity") or ""
    if not (isinstance(text, str) and isinstance(entity, str) and text.strip()):
        raise PydanticCustomError(f"{OURS}input", "must hold texts that are not empty")
    if len(text) + len(entity) > MOST_CHARACTERS:
        raise PydanticCustomError(f"{OURS}input", f"holds a text of more than {MOST_CHARACTERS:,} characters: split it")
    return Labelled(text=text, entity=entity)


ModelName = Annotated[
    str, Field(max_length=200, description="a trained model: NAME for the active version, or NAME@VERSION")
]
Rows = Annotated[
    list[Labelled],
    BeforeValidator(_parse_rows, json_schema_input_type=str | list[str | Item]),
    Field(description=f"a text, or up to {MOST_TEXTS} of them, each alone or with the entity that it is about"),
]


class ClassifyQuery(BaseModel):
    """Texts for a trained model."""

    model: ModelName
    input: Rows
    explain: bool = Field(
        default=False, description="also say on which words each label stands; reads a text once more for each word"
    )


class WordWeight(BaseModel):
    """A word of the text. start, end: in characters;  weight: in [-1, 1], above 0 where it speaks for the label"""

    start: int
    end: int
    text: str
    weight: float


class Classified(BaseModel):
    """One decision.

    label: null when the text is out of scope;  confidence: of the most probable label, calibrated
    explanation: the words that were read, weighed for the most probable label; only where it was asked for
    """

    index: int
    label: str | None
    confidence: float
    probabilities: dict[str, float]
    explanation: list[WordWeight] | None = None


class Classification(BaseModel):
    """Decisions in the order of the texts. model: the version that made them, as NAME@VERSION"""

    model: str
    data: list[Classified]
    usage: Usage


def build_router(services: Services) -> APIRouter:
    """`/v1/classify`."""
    router = APIRouter(tags=["Trained models"])
    backbone = model_id(services.settings.model).lower()
    users = require("models:use")

    @router.post("/v1/classify", response_model=Classification)
    def classify(query: ClassifyQuery, caller: Annotated[Caller, Depends(users)]) -> Response:
        """Say which label of a trained model fits each text, how sure that is and, if asked, on which words it stands.

        All texts of a request are answered by one version, which the answer names; a plain name means the active one.
        """
        if query.model.lower() == backbone:
            raise GivesNoLabels(query.model)
        rows = query.input
        with services.classifiers.get(query.model) as classifier:
            counts = classifier.count_tokens(rows)
            tokens = sum(counts) + (tokens_to_read(rows, counts) if query.explain else 0)
            caller.spend_tokens(tokens)
            said = classifier.predict(rows)
            reasons = explain(classifier, rows) if query.explain else []
            ref = classifier.ref
        answer = {
            "model": ref,
            "data": [
                {"index": at, **_decision(one), **(_explanation(reasons[at]) if query.explain else {})}
                for at, one in enumerate(said)
            ],
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
        # Written directly, as for embeddings: 256 times 150 probabilities were just computed and need no checking.
        return Response(to_json(answer), media_type="application/json")

    return router


def _decision(said: Prediction) -> dict[str, Any]:
    return {
        "label": said.label,
        "confidence": round(said.confidence, DIGITS),
        "probabilities": {label: round(share, DIGITS) for label, share in said.probabilities.items()},
    }


def _explanation(reasons: tuple[Reason, ...]) -> dict[str, Any]:
    return {
        "explanation": [
            {"start": r.start, "end": r.end, "text": r.text, "weight": round(r.weight, DIGITS)} for r in reasons
        ]
    }
