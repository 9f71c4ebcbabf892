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
    window = FinanceSettings.of(services.settings).story_hours
    stories = Stories(services.database, services.clock, window)
    return DocumentReader(services.database, services.once(open_scorer), stories, services.clock)


def open_correcting(services: Services) -> Correcting:
    """Takes corrections in."""
    return Correcting(services.database, services.once(open_scorer), services.clock)
