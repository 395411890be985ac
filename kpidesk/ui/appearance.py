"""Theme, text size and full screen: what the machine's user likes, kept in the preferences."""

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QWidget

from kpidesk.ui import theme
from kpidesk.ui.theme import TEXT_SIZES

THEMES = (("system", "&Match the system"), ("light", "&Light"), ("dark", "&Dark"))
_NORMAL = 100


def chosen_theme(preferences: QSettings) -> str:
    """Return "system", "light" or "dark"."""
    chosen = str(preferences.value("theme", "system"))
    return chosen if chosen in dict(THEMES) else "system"


def chosen_text_size(preferences: QSettings) -> int:
    """Return the text size in percent, 100 when none that exists was chosen."""
    chosen = str(preferences.value("text_size", _NORMAL))
    return int(chosen) if chosen.isdigit() and int(chosen) in TEXT_SIZES else _NORMAL


def apply_preferences(preferences: QSettings) -> None:
    """Dress the application as its user likes it."""
    theme.set_theme(chosen_theme(preferences))
    if chosen_text_size(preferences) != theme.text_size():
        theme.set_text_size(chosen_text_size(preferences))


class Appearance:
    """Changes the looks and remembers them."""

    def __init__(self, preferences: QSettings, window: QWidget) -> None:
        self._preferences = preferences
        self._window = window

    @property
    def theme(self) -> str:
        """The theme that was chosen, which may be that of the system."""
        return chosen_theme(self._preferences)

    def set_theme(self, name: str) -> None:
        """Switch the theme."""
        self._preferences.setValue("theme", name)
        theme.set_theme(name)

    def set_text_size(self, percent: int) -> None:
        """Switch the text size."""
        self._preferences.setValue("text_size", percent)
        theme.set_text_size(percent)

    def step_text(self, by: int) -> None:
        """Go to the next larger (1) or smaller (-1) text size; at the end nothing changes."""
        place = TEXT_SIZES.index(theme.text_size()) + by if theme.text_size() in TEXT_SIZES else 1
        self.set_text_size(TEXT_SIZES[min(max(place, 0), len(TEXT_SIZES) - 1)])

    def end_of_sizes(self, by: int) -> str:
        """Why the text cannot get larger (1) or smaller (-1); "" when it can."""
        last = TEXT_SIZES[-1 if by > 0 else 0]
        return f"This is the {'largest' if by > 0 else 'smallest'} text" if theme.text_size() == last else ""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to what the window was."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
