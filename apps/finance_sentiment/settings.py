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

    story_hours: float = Field(
        default=72.0, gt=0, le=8_760, description="two texts published further apart than this are not one story"
    )
    half_life_hours: float = Field(
        default=24.0, gt=0, le=8_760, description="after this time a reading counts half in the mood index"
    )
    searchable_documents: int = Field(
        default=200_000, ge=0, description="newest documents that are found by meaning; the others by company and time"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The monitor's section of the house's settings."""
        return cls(**settings.apps.get("finance_sentiment", {}))
