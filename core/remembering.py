"""What a process remembers of texts, for speed, and how it forgets all of it at once, as when a person is erased."""

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

T = TypeVar("T")

_memories: "WeakSet[_lru_cache_wrapper[object]]" = WeakSet()
_lock = threading.Lock()


def remembered(most: int) -> "Callable[[Callable[..., T]], _lru_cache_wrapper[T]]":
    """`functools.lru_cache` for functions of what people wrote: `forget_texts` empties it. most: entries

    >>> read = remembered(most=8)(str.upper)
    >>> read("ann"), read.cache_info().currsize
    ('ANN', 1)
    >>> forget_texts()
    >>> read.cache_info().currsize
    0
    """

    def remembering(function: Callable[..., T]) -> "_lru_cache_wrapper[T]":
        memory = lru_cache(maxsize=most)(function)
        with _lock:
            _memories.add(memory)
        return memory

    return remembering


def forget_texts() -> None:
    """Empty every such memory of this process; what was in it is computed anew when it comes again."""
    with _lock:
        memories = list(_memories)
    for memory in memories:
        memory.cache_clear()
