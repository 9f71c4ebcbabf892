"""One run for all who ask at the same moment: whoever comes while another is at it is taken along by the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Got = TypeVar("Got")


@dataclass(eq=False)
class _Waiting(Generic[Asked, Got]):
    asked: Asked
    got: Got | None = None
    error: BaseException | None = None
    done: bool = False


class Together(Generic[Asked, Got]):
    """Threads that ask at once share one run. run: from what is asked to what each gets, in the same order"""

    def __init__(self, run: Callable[[Sequence[Asked]], Sequence[Got]]) -> None:
        self._run = run
        self._waiting: list[_Waiting[Asked, Got]] = []
        self._listed = Lock()
        self._turn = Lock()

    def __call__(self, asked: Asked) -> Got:
        """raises: whatever the run raised, to all who shared it"""
        mine: _Waiting[Asked, Got] = _Waiting(asked)
        with self._listed:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                with self._listed:
                    batch, self._waiting = self._waiting, []
                self._answer(batch)
        if mine.error is not None:
            raise mine.error
        return mine.got  # type: ignore[return-value]  # set when there was no error

    def _answer(self, batch: Sequence[_Waiting[Asked, Got]]) -> None:
        try:
            for one, got in zip(batch, self._run([one.asked for one in batch]), strict=True):
                one.got = got
        except BaseException as error:  # noqa: BLE001  it is theirs too, and each raises it
            for one in batch:
                one.error = error
        finally:
            for one in batch:
                one.done = True
