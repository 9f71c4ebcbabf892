"""Personal data: find it, mask it, put it back. Offline and without the house's Transformer; no text is logged or kept.

    from core.privacy import find, mask, Vault

What is reported, and what takes its place: `PLACEHOLDERS`. A company, a city, a people or a job alone is not reported:
it identifies nobody, and an answer may hang on it.
"""

from core.privacy.finding import find
from core.privacy.masking import Masked, Vault, mask
from core.privacy.spans import PLACEHOLDERS, TYPES, Span

__all__ = ["PLACEHOLDERS", "TYPES", "Masked", "Span", "Vault", "find", "mask"]
