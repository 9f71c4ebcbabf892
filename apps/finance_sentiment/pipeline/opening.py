"""What the app's rooms share in a serving process, each built once from the house's services. Works nothing out."""

from apps.finance_sentiment.pipeline.correcting import Correcting
from apps.finance_sentiment.pipeline.entities import open_live
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.pipeline.reading import DocumentReader
from apps.finance_sentiment.pipeline.scoring import Scorer
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.settings import FinanceSettings
from core.app import Services


def open_scorer(services: Services) -> Scorer:
    """Reads with the active version of the model that the settings name."""
    settings = FinanceSettings.of(services.settings)
    moods = MoodReader(lambda: services.classifiers.get(settings.mood_model))
    return Scorer(services.once(open_live), moods, settings.enough_from)


def open_reader(services: Services) -> DocumentReader:
    """Reads what waits."""
    scorer, stories = services.once(open_scorer), services.once(open_stories)
    return DocumentReader(services.database, scorer, stories, services.clock)


def open_correcting(services: Services) -> Correcting:
    """Takes corrections in."""
    return Correcting(services.database, services.once(open_scorer), services.clock)


def open_stories(services: Services) -> Stories:
    """For `services.once`: one memory of recent texts in a process."""
    return Stories(services.database, services.clock, FinanceSettings.of(services.settings).story_hours)
