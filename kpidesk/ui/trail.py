"""Where the user has been, as a browser keeps it."""

from dataclasses import dataclass

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A page and what it was opened with, such as the id of a KPI."""

    page: str
    argument: str = ""


class Trail:
    """Places in the order they were seen, and which of them is shown now. Going somewhere new forgets what lay ahead."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def here(self) -> Place | None:
        """The place that is shown, None before the first."""
        return self._places[self._at] if self._places else None

    def go(self, place: Place) -> None:
        """Go to a place; the one that is shown already is not noted twice."""
        if place != self.here:
            self._places = [*self._places[: self._at + 1], place][-_LONGEST:]
            self._at = len(self._places) - 1

    def reaches(self, by: int) -> bool:
        """Whether there is a place `by` steps away; -1 is back."""
        return 0 <= self._at + by < len(self._places)

    def step(self, by: int) -> Place | None:
        """Move along the trail and return the place, None at its end."""
        if not self.reaches(by):
            return None
        self._at += by
        return self.here

    def clear(self) -> None:
        """Forget all, as when another workspace is opened."""
        self._places, self._at = [], -1
