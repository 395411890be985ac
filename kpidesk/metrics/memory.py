"""What the engine remembers: results by key, the longest unused forgotten when they take too much room."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Memory(Generic[_T]):
    """Keeps values up to about `limit` bytes in all. `size` says how many bytes a value takes."""

    def __init__(self, limit: int, size: Callable[[_T], int]) -> None:
        self._limit = limit
        self._size_of = size
        self._size = 0
        self._held: dict[Hashable, _T] = {}

    def recall(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made for `key` before, else make it. A value used again counts as new."""
        if key in self._held:
            value = self._held.pop(key)
        else:
            value = make()
            self._size += self._size_of(value)
        self._held[key] = value
        while self._size > self._limit and len(self._held) > 1:
            self._size -= self._size_of(self._held.pop(next(iter(self._held))))
        return value
