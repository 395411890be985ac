"""Where the window stands: remembered for each workspace, with the size and the screen it was on."""

from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QWidget

_KEY = "geometry"


class Geometry:
    """Keeps one window's place in the preferences of the machine's user."""

    def __init__(self, window: QWidget, preferences: QSettings) -> None:
        self._window = window
        self._preferences = preferences
        self._key = _KEY
        self._restore(_KEY)

    def turn_to(self, workspace: Path | None) -> None:
        """Note where the window stands for the workspace that was open, and go where it stood for the one that is open now."""
        key = _KEY if workspace is None else f"{_KEY}-{sha256(str(workspace.absolute()).encode()).hexdigest()[:16]}"
        if key != self._key:
            self.save()
            self._key = key
            self._restore(key)

    def save(self) -> None:
        """Note where the window stands; a workspace that is opened for the first time starts there too."""
        place = self._window.saveGeometry()
        self._preferences.setValue(self._key, place)
        self._preferences.setValue(_KEY, place)

    def _restore(self, key: str) -> None:
        place = self._preferences.value(key)
        if isinstance(place, QByteArray):
            self._window.restoreGeometry(place)
