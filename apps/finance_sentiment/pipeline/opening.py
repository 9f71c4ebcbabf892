"""Parts of the monitor that its rooms share, as the settings have them. Opens nothing by itself."""

from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.settings import FinanceSettings
from core.app import Services


def open_stories(services: Services) -> Stories:
    """For `services.once`: one memory of recent texts in a process."""
    return Stories(services.database, services.clock, FinanceSettings.of(services.settings).story_hours)
