"""What is known about the model that reads the moods: its card, its calibration, its versions. Opens no weights."""

from apps.finance_sentiment.schemas.model import CalibrationStep, Measured, ModelInUse, ModelVersion
from core.backend.registry import Registry, Version
from core.evaluation.calibration import load_reliability

HELD_OUT = "texts that were not trained on"
ERROR = "calibration_error"  # as cards name it


def model_in_use(registry: Registry, name: str) -> ModelInUse:
    """The active version, as its card describes it.

    name: a model's, or "name@3" where the settings fix a version
    raises: NoSuchModel, NoSuchVersion, DamagedModel
    """
    version = registry.get(name)
    card = version.card
    data = ", ".join(f"{one.name} ({one.rows:,} rows)" for one in card.data)
    error = card.metrics.get(ERROR)
    return ModelInUse(
        name=version.name,
        version=version.number,
        base=card.base.name,
        trained_on=f"{data}; {card.licence}" if data else card.licence,
        figures=[
            Measured(name=key.replace("_", " "), value=one.value, low=one.low, high=one.high, n=one.n, of=HELD_OUT)
            for key, one in card.metrics.items()
        ],
        calibration=[
            CalibrationStep(confidence=step.confidence, accuracy=step.right.value, n=step.right.n)
            for step in load_reliability(version.path)
        ],
        error=error.value if error else None,
        on=HELD_OUT,
        versions=[_line(one, active=one.number == version.number) for one in reversed(registry.versions(version.name))],
    )


def _line(version: Version, *, active: bool) -> ModelVersion:
    main = version.card.main_metric()
    return ModelVersion(
        version=version.number,
        created_at=version.card.trained_at,
        active=active,
        origin="shipped" if version.shipped else "trained",
        note=f"{main[0].replace('_', ' ')} {main[1].value:.3f}, n = {main[1].n:,}" if main else "",
    )
