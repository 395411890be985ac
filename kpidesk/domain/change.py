"""What a write touched, so that readers redraw only what depends on it."""

from enum import Flag, auto


class Change(Flag):
    """Flags returned by every write to the workspace."""

    NONE = 0
    ROWS = auto()
    DEFINITIONS = auto()
    SETTINGS = auto()
    IMPORTS = auto()
