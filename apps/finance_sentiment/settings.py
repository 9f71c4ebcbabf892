"""What an operator of the monitor may choose: section `apps.finance_sentiment` of trivium.toml."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.settings import Settings


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CapturingSettings(_Group):
    """Which texts get in, from where."""

    most_characters: int = Field(
        default=100_000, ge=1_000, le=5_000_000, description="longest text that is kept whole; longer ones are cut"
    )
    future_minutes: float = Field(
        default=10, ge=0, description="how far a date may lie in the future before it is taken for a mistake"
    )
    allow_private_addresses: bool = Field(
        default=False, description="whether sources may lie on this machine or in a private network"
    )
    allowed_hosts: frozenset[str] = Field(
        default=frozenset(), description="names of hosts that may lie there while others may not"
    )
    fetch_seconds: float = Field(
        default=20, gt=0, le=300, description="longest time for one address, redirects and all"
    )
    fetch_most_bytes: int = Field(
        default=10_000_000, ge=1_000, le=200_000_000, description="largest answer that is read, unpacked"
    )
    contact: str = Field(
        default="",
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="whom owners of websites may write to; stands in the User-Agent",
    )
    watched_folders: tuple[Path, ...] = Field(
        default=(), description="folders in and below which sources may watch; without any: `inbox` in TRIVIUM_HOME"
    )


class ReadingSettings(_Group):
    """What is read from them, and by what."""

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
    story_hours: float = Field(
        default=72.0, gt=0, le=8_760, description="two texts published further apart than this are not one story"
    )
    half_life_hours: float = Field(
        default=24.0, gt=0, le=8_760, description="after this time a reading counts half in the mood index"
    )
    searchable_documents: int = Field(
        default=200_000, ge=0, description="newest documents that are found by meaning; the others by company and time"
    )


class SignalSettings(_Group):
    """What is taken for unforeseen, and how long that is news."""

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
        default=24,
        gt=0,
        le=1_000_000,
        description="hours after which unforeseen change is kept as history and sent to nobody",
    )
    tell_closed: bool = Field(default=True, description="whether channels are told when an alert ends")
    remind_hours: tuple[Annotated[float, Field(gt=0, le=8_760)], ...] = Field(
        default=(1.0, 4.0, 24.0), min_length=1, description="hours between reminders of an open alert; the last goes on"
    )

    def remind_after(self, reminders: int) -> timedelta:
        """The pause before the next reminder, after so many."""
        return timedelta(hours=self.remind_hours[min(reminders, len(self.remind_hours) - 1)])


class SendingSettings(_Group):
    """How somebody is told of it."""

    webhooks_to_private: bool = Field(default=False, description="whether webhooks may go to private networks")
    smtp_host: str = Field(default="", description="mail server; empty: no e-mail is sent")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection to the mail server is secured"
    )
    smtp_user: str = Field(default="", description="user at the mail server; empty: none is needed")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="password at the mail server")
    smtp_from: str = Field(default="", description="sender's address of e-mail")


class FinanceSettings(CapturingSettings, ReadingSettings, SignalSettings, SendingSettings):
    """Where the monitor gets its texts, what reads them, what it takes for unforeseen, and how it tells of it.

    Files and the environment know no groups: whatever group a setting stands in, it has its name alone.
    """

    sample_feeds_port: int = Field(
        default=8765, ge=0, le=65_535, description="where the demo serves its invented news to itself; 0: nowhere"
    )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The monitor's section of the house's settings."""
        return cls(**settings.apps.get("finance_sentiment", {}))
