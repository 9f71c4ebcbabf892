"""What an operator of the monitor may choose: section `apps.finance_sentiment` of trivium.toml."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.settings import Settings


class FinanceSettings(BaseModel):
    """Where the monitor finds mentions of companies, what it takes for unforeseen, and how it tells of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shipped_companies: bool = Field(
        default=True, description="whether the list of companies that comes with the app is in use"
    )

    bucket_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = Field(
        default=1, description="hours of a bucket in which unforeseen change is looked for"
    )
    grace_minutes: float = Field(
        default=10, ge=0, le=1_440, description="minutes after its end until which a bucket waits for late documents"
    )
    signals_for: Literal["all", "watchlist", "none"] = Field(
        default="all", description="for which companies unforeseen change is told"
    )
    signal_decades: float = Field(
        default=5.25, ge=2, le=12, description="how unlikely unforeseen change must be: 5 is one in 100,000"
    )
    tell_within_hours: float = Field(
        default=24, gt=0, le=1_000_000, description="hours after which unforeseen change is not told of any more"
    )
    tell_closed: bool = Field(default=True, description="whether channels are told when an alert ends")
    remind_hours: tuple[Annotated[float, Field(gt=0, le=8_760)], ...] = Field(
        default=(1.0, 4.0, 24.0), min_length=1, description="hours between reminders of an open alert; the last goes on"
    )
    webhooks_to_private: bool = Field(default=False, description="whether webhooks may go to private networks")
    smtp_host: str = Field(default="", description="mail server; empty: no e-mail is sent")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection to the mail server is secured"
    )
    smtp_user: str = Field(default="", description="user at the mail server; empty: none is needed")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="password at the mail server")
    smtp_from: str = Field(default="", description="sender's address of e-mail")

    def remind_after(self, reminders: int) -> timedelta:
        """The pause before the next reminder, after so many."""
        return timedelta(hours=self.remind_hours[min(reminders, len(self.remind_hours) - 1)])

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The monitor's section of the house's settings."""
        return cls(**settings.apps.get("finance_sentiment", {}))
