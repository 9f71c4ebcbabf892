"""Models and embeddings in OpenAI's dialect, so that existing clients work. Trains and stores nothing."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import numpy as np
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError, to_json

from core.app import Services
from core.auth.access import Caller, require
from core.backend.checkpoint import BUNDLED
from core.backend.encoder import Floats
from core.backend.registry import BadReference, Registry
from core.chat_door import ChatDoor
from core.errors import Invalid, NotFound, TriviumError
from core.server.faults import OURS

MOST_TEXTS = 2048
MOST_CHARACTERS = 100_000


class UnknownModel(NotFound):
    """A model that is not served here."""

    def __init__(self, served: str) -> None:
        super().__init__("that model is not served here", remedy=f"use {served!r}")


class MakesNoEmbeddings(Invalid):
    """A trained model was asked for what only the backbone does."""

    def __init__(self, served: str) -> None:
        super().__init__("that model makes no embeddings", remedy=f"use {served!r}")


class FixedDimensions(Invalid):
    """Another number of dimensions than the model has."""

    def __init__(self, dim: int) -> None:
        super().__init__(
            f"the model's vectors have {dim} dimensions and cannot be shortened",
            remedy=f"leave `dimensions` out, or send {dim}",
        )


def _parse_texts(value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise PydanticCustomError(f"{OURS}input", "must be a text or a list of texts that is not empty")
    if len(texts) > MOST_TEXTS:
        raise PydanticCustomError(f"{OURS}input", f"has more than {MOST_TEXTS} texts: send them in several requests")
    if any(isinstance(text, int | list) for text in texts):
        raise PydanticCustomError(f"{OURS}input", "must hold texts, not token numbers: send the text itself")
    if not all(isinstance(text, str) and text for text in texts):
        raise PydanticCustomError(f"{OURS}input", "must hold texts that are not empty")
    if any(len(text) > MOST_CHARACTERS for text in texts):
        raise PydanticCustomError(f"{OURS}input", f"holds a text of more than {MOST_CHARACTERS:,} characters: split it")
    return cast("list[str]", texts)


class EmbeddingQuery(BaseModel):
    """What OpenAI's clients send; fields that mean nothing here are ignored."""

    input: Annotated[
        list[str],
        BeforeValidator(_parse_texts, json_schema_input_type=str | list[str]),
        Field(description=f"a text, or up to {MOST_TEXTS} of them"),
    ]
    model: str = Field(max_length=200, description="an id from /v1/models")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, description="only the model's own number of dimensions")


class Embedding(BaseModel):
    """One vector, of unit length. embedding: its numbers, or base64 of little-endian float32"""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class Usage(BaseModel):
    """How much text was read."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(BaseModel):
    """Vectors in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage


class Model(BaseModel):
    """A model that is here. created: Unix time at which its active version was trained; 0 where it is not known"""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "trivium"


class Models(BaseModel):
    """The backbone, the chat models that apps bring, then all trained models."""

    object: Literal["list"] = "list"
    data: list[Model]


def model_id(setting: str) -> str:
    """What clients call the model that the setting names.

    >>> model_id("bundled"), model_id("BAAI/bge-small-en-v1.5")
    ('all-minilm-l6-v2', 'BAAI/bge-small-en-v1.5')
    """
    if setting == "bundled":
        return BUNDLED
    return Path(setting).resolve().name if Path(setting).is_dir() else setting


def build_router(services: Services, doors: Sequence[ChatDoor] = ()) -> APIRouter:
    """`/v1/models` and `/v1/embeddings`. doors: the apps' chat models"""
    router = APIRouter(tags=["OpenAI dialect"])
    served = model_id(services.settings.model)
    registry = services.registry
    readers, writers = require("models:read"), require("embeddings:write")

    @router.get("/v1/models")
    def list_models(caller: Annotated[Caller, Depends(readers)]) -> Models:
        """List the backbone, the chat models that the key may use, and the trained models."""
        chats = [name for door in doors if caller.may(door.scope) for name in door.models()]
        trained = [name for name in registry.names() if name not in {served.lower(), *chats}]
        return Models(
            data=[
                *(Model(id=name) for name in (served, *chats)),
                *(Model(id=name, created=_created(registry, name)) for name in trained),
            ]
        )

    @router.get("/v1/models/{model:path}")
    def get_model(model: str, caller: Annotated[Caller, Depends(readers)]) -> Model:
        """Describe one model."""
        if _is_backbone(model, served):
            return Model(id=served)
        if any(caller.may(door.scope) and door.serves(model) and model in door.models() for door in doors):
            return Model(id=model)
        if not _is_trained(model, registry):
            raise UnknownModel(served)
        return Model(id=model, created=_created(registry, model))

    @router.post("/v1/embeddings", response_model=Embeddings)
    def create_embeddings(query: EmbeddingQuery, caller: Annotated[Caller, Depends(writers)]) -> Response:
        """Turn texts into vectors of unit length."""
        if not _is_backbone(query.model, served):
            here = any(door.serves(query.model) for door in doors) or _is_trained(query.model, registry)
            raise MakesNoEmbeddings(served) if here else UnknownModel(served)
        if query.dimensions not in (None, services.encoder.dim):
            raise FixedDimensions(services.encoder.dim)
        tokens = sum(services.encoder.count_tokens(query.input))
        caller.spend_tokens(tokens)
        vectors = services.encoder.encode(query.input)  # (n, d)
        answer = {
            "object": "list",
            "data": [
                {"object": "embedding", "index": at, "embedding": embedding}
                for at, embedding in enumerate(_written(vectors, query.encoding_format))
            ],
            "model": served,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
        # Written directly: checking 2,048 rows of numbers that were just computed takes longer than writing them.
        return Response(to_json(answer), media_type="application/json")

    return router


def _is_backbone(asked: str, served: str) -> bool:
    return asked.lower() == served.lower()  # all-MiniLM-L6-v2 is written in many ways


def _is_trained(asked: str, registry: Registry) -> bool:
    try:
        registry.get(asked)
    except (NotFound, BadReference):
        return False
    return True


def _created(registry: Registry, ref: str) -> int:
    try:
        return int(registry.get(ref).card.trained_at.timestamp())
    except TriviumError:  # damaged, or deleted meanwhile: it is told when it is opened, not when it is listed
        return 0


def _written(vectors: Floats, encoding_format: str) -> list[Any]:
    if encoding_format == "float":
        return cast("list[Any]", vectors.tolist())
    return [base64.b64encode(row.astype(np.dtype("<f4"), copy=False).tobytes()).decode() for row in vectors]
