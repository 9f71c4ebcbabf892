"""What an operator of the desk may choose: section `apps.customer_service` of trivium.toml."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.settings import Settings


class SupportSettings(BaseModel):
    """Thresholds on the two calibrated probabilities; without one, the shipped calibration's holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refuse_below: float | None = Field(default=None, gt=0, le=1, description="less sure of an answer: hand over")
    answer_above: float | None = Field(default=None, gt=0, le=1, description="less sure of the document: ask back")
    most_sentences: int = Field(default=3, ge=1, le=10, description="sentences quoted in an answer from an article")
    most_unanswered: int = Field(
        default=1, ge=1, le=5, description="messages in a row that the desk did not answer: a person takes over"
    )
    events_last_s: float = Field(
        default=1800, gt=0, le=86_400, description="seconds after which a stream of events ends; clients then go on"
    )
    rewrite_follow_ups: bool = Field(default=False, description="let the chat model rewrite them before the search")
    agent_silent_after_s: float = Field(
        default=300, ge=10, le=86_400, description="seconds without a sign of an agent: waiting customers go back"
    )
    preferred_for_s: float = Field(
        default=120, ge=0, le=86_400, description="seconds for which a chat is left to the agent who had it before"
    )
    retention_days: int | None = Field(
        default=None, ge=1, le=36_500, description="days after their last change conversations are deleted; none: never"
    )
    webhooks_to_private: bool = Field(default=False, description="whether webhooks may go to private networks")
    reopened_within_days: float = Field(
        default=7, gt=0, le=365, description="a chat that is reopened so soon does not count as resolved"
    )
    quiet_after_hours: float = Field(
        default=24, gt=0, le=8_760, description="hours without a word after which a chat with the desk itself is over"
    )
    mask_at_rest: bool = Field(
        default=False, description="whether personal data is taken out of what people write before it is stored"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The desk's section of the house's settings."""
        return cls(**settings.apps.get("customer_service", {}))
