"""What is stored of people's words: all of it, or, by the setting `mask_at_rest`, without personal data."""

from collections.abc import Callable

from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations
from core.app import Services
from core.privacy import mask


def keeping(settings: SupportSettings) -> Callable[[str], str]:
    """From what was written to what is stored.

    >>> keeping(SupportSettings(mask_at_rest=True))("I am on ann@example.org")
    'I am on [EMAIL]'
    """
    return _masked if settings.mask_at_rest else str


def open_conversations(services: Services) -> Conversations:
    """Ask for it with `services.once`. Whoever writes into conversations writes through this."""
    kept = keeping(SupportSettings.of(services.settings))
    return Conversations(services.database, services.clock, kept)


def _masked(text: str) -> str:
    return mask(text).text
