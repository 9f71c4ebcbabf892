"""Numbers of trained models over HTTP: how much, and between what it lies. Trains and stores nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.app import Services
from core.auth.access import Caller, require
from core.backend.regressor import GivesNoNumbers
from core.server.classify import ModelName, Rows
from core.server.openai import Usage, model_id


class RegressQuery(BaseModel):
    """Texts for a trained model of numbers."""

    model: ModelName
    input: Rows


class Regressed(BaseModel):
    """One number, in the unit of the data that were trained on. low, high: its prediction interval"""

    index: int
    value: float
    low: float
    high: float


class Regression(BaseModel):
    """Numbers in the order of the texts. model: the version that gave them, as NAME@VERSION"""

    model: str
    coverage: float = Field(description="share of texts whose true number lies between `low` and `high`")
    data: list[Regressed]
    usage: Usage


def build_router(services: Services) -> APIRouter:
    """`/v1/regress`."""
    router = APIRouter(tags=["Trained models"])
    backbone = model_id(services.settings.model).lower()
    users = require("models:use")

    @router.post("/v1/regress")
    def regress(query: RegressQuery, caller: Annotated[Caller, Depends(users)]) -> Regression:
        """Say which number a trained model gives each text, and between which two the true one lies.

        The interval is equally wide for all texts: it says how far the model errs, not how sure it is of this text.
        All texts of a request are answered by one version, which the answer names.
        """
        if query.model.lower() == backbone:
            raise GivesNoNumbers(query.model)
        with services.classifiers.get_regressor(query.model) as regressor:
            tokens = sum(regressor.count_tokens(query.input))
            caller.spend_tokens(tokens)
            said = regressor.predict(query.input)
            return Regression(
                model=regressor.ref,
                coverage=regressor.head.about.coverage,
                data=[Regressed(index=at, **one.as_dict()) for at, one in enumerate(said)],
                usage=Usage(prompt_tokens=tokens, total_tokens=tokens),
            )

    return router
