"""A trained version of numbers, opened: rows in, numbers with an interval out. Without torch on a CPU."""

from collections.abc import Callable, Sequence

from core.backend.classifier import Opened
from core.backend.encoder import Encoder
from core.backend.registry import Version
from core.backend.value_head import ABOUT, ValueHead
from core.errors import Invalid
from core.outcomes import Asked, Estimate


class GivesNoNumbers(Invalid):
    """A model that was not trained to give a number."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"model {ref} gives no numbers", remedy="name a model that `trivium train` made for a task of numbers"
        )


class Regressor(Opened):
    """Open with `core.backend.trained`; give back with `close`."""

    def __init__(self, version: Version, encoder: Encoder, head: ValueHead, closing: Callable[[], None]) -> None:
        super().__init__(version, encoder, closing)
        self.head = head

    def predict(self, rows: Sequence[Asked]) -> list[Estimate]:
        """One number a row, in order; the rows' own values are not looked at."""
        return self.head.read(self.encode(rows))


def gives_numbers(version: Version) -> bool:
    """Whether a version was trained to."""
    return (version.path / ABOUT).is_file()
