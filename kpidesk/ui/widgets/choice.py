"""A combo box of keyed options, for tables, forms and problem fixes."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from kpidesk.ui.style import OUTLINE


class Choice(QComboBox):
    """Options as (key, label)."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(14)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def offer(self, options: tuple[tuple[str, str], ...], key: str) -> None:
        """Offer options and show one of them, without telling anybody."""
        blocked = self.blockSignals(True)
        if [(self.itemData(place), self.itemText(place)) for place in range(self.count())] != list(options):
            self.clear()
            for value, label in options:
                self.addItem(label, value)
        self.setCurrentIndex(max(0, self.findData(key)))
        self.blockSignals(blocked)
        self.update()

    @property
    def key(self) -> str:
        """The key of the option shown; "" when there is none."""
        return str(self.currentData() or "")

    def set_state(self, state: str) -> None:
        """Outline it: "warn" to check, "bad" to fix, "" plain."""
        self.setProperty(OUTLINE, state)
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Return a narrow width: a long option is elided."""
        return QSize(80, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: turning it must not change an answer."""
        event.ignore()
