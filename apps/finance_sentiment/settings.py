"""What an operator of the monitor may choose: section `apps.finance_sentiment` of trivium.toml."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.settings import Settings


class FinanceSettings(BaseModel):
    """Where the monitor gets its texts, and where it finds mentions of companies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shipped_companies: bool = Field(
        default=True, description="whether the list of companies that comes with the app is in use"
    )

    most_characters: int = Field(
        default=100_000, ge=1_000, le=5_000_000, description="longest text that is kept whole; longer ones are cut"
    )
    future_minutes: float = Field(
        default=10, ge=0, description="how far a date may lie in the future before it is taken for a mistake"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The monitor's section of the house's settings."""
        return cls(**settings.apps.get("finance_sentiment", {}))
