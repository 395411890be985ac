"""Labels beside a chart, moved apart so that none covers another."""

from collections.abc import Sequence


def spread(middles: Sequence[float], height: float, top: float, bottom: float) -> list[float]:
    """Return middles at least `height` apart in the order given by their own middles, as near to these as that allows.

    They stay between `top` and `bottom` while there is room.
    """
    order = sorted(range(len(middles)), key=lambda place: middles[place])
    placed = [0.0] * len(middles)
    end = top - height / 2
    for place in order:
        placed[place] = max(middles[place], end + height)
        end = placed[place]
    limit = bottom + height / 2
    for place in reversed(order):
        placed[place] = min(placed[place], limit - height)
        limit = placed[place]
    return placed
