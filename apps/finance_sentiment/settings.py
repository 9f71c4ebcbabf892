"""What an operator of the monitor may choose: section `apps.finance_sentiment` of trivium.toml."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.settings import Settings


class FinanceSettings(BaseModel):
    """Where the monitor finds mentions of companies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shipped_companies: bool = Field(
        default=True, description="whether the list of companies that comes with the app is in use"
    )

    mood_model: str = Field(
        default="market-mood",
        min_length=1,
        description="the trained model that reads moods; its active version is used",
    )
    enough_from: float = Field(
        default=0.5, ge=0, le=1, description="confidence from which a mood is told instead of too little evidence"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The monitor's section of the house's settings."""
        return cls(**settings.apps.get("finance_sentiment", {}))
