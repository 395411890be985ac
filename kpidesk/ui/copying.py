"""Edit, Copy: what the focus is on knows what there is to copy, else the page does."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from kpidesk.ui.pages import Pages
from kpidesk.ui.tables import DataTable
from kpidesk.ui.views.kpi import KpiView


class Copying:
    """Copies from the focused field or table, and on the page of a KPI its history."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def copy(self) -> None:
        """Put what can be copied on the clipboard."""
        if (run := self._what()) is not None:
            run()

    def unusable(self) -> str:
        """Why nothing can be copied; "" when something can."""
        return "" if self._what() is not None else "Select text or rows of a table first"

    def _what(self) -> Callable[[], None] | None:
        focus: QWidget | None = QApplication.focusWidget()
        if isinstance(focus, QLineEdit | QLabel) and focus.hasSelectedText():
            text = focus.selectedText()
            return lambda: QGuiApplication.clipboard().setText(text)
        if isinstance(focus, QPlainTextEdit) and focus.textCursor().hasSelection():
            return focus.copy
        if isinstance(focus, DataTable) and focus.selected_rows():
            table = focus
            return lambda: QGuiApplication.clipboard().setText(table.copied_text())
        view = self._pages.currentWidget()
        return view.copy_data if isinstance(view, KpiView) else None
