"""What a file can feed: the KPIs that it makes possible, and what is missing for the others."""

from dataclasses import dataclass

Need = tuple[str, ...]
"""Fields such as `deals.closed` of which one is enough, the most usual first."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing for some KPIs, and their ids. All of `needs` have to be met, each by any of its fields."""

    needs: tuple[Need, ...]
    kpis: tuple[str, ...]

    def mended_by(self, entity: str) -> bool:
        """Whether columns of a file of `entity` are all that is missing."""
        return all(any(field.startswith(f"{entity}.") for field in need) for need in self.needs)


@dataclass(frozen=True, slots=True)
class Feeds:
    """The ids of the KPIs that a file feeds, and of those that want one of its columns but lack something, grouped by what."""

    fed: tuple[str, ...]
    lacks: tuple[Lack, ...]
