"""The model in use, on the wire."""

from datetime import datetime

from pydantic import BaseModel


class Measured(BaseModel):
    """A figure with its 95 % interval. n: measured on so many texts;  of: which ones"""

    name: str
    value: float
    low: float
    high: float
    n: int
    of: str


class CalibrationStep(BaseModel):
    """Texts of like confidence. confidence: said, on average;  accuracy: the share that was right;  n: texts"""

    confidence: float
    accuracy: float
    n: int


class ModelVersion(BaseModel):
    """A version of the model. origin: shipped or trained;  note: its main figure, in words"""

    version: int
    created_at: datetime
    active: bool
    origin: str
    note: str


class ModelInUse(BaseModel):
    """What reads the moods. trained_on: the data, with their licence;  on: what calibration was measured on

    error: expected calibration error, null where it was not measured;  versions: the newest first
    """

    name: str
    version: int
    base: str
    trained_on: str
    figures: list[Measured]
    calibration: list[CalibrationStep]
    error: float | None
    on: str
    versions: list[ModelVersion]
