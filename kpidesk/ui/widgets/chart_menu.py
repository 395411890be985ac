"""What every painted chart offers on a right click or the Menu key: view as table, copy as image, copy data (design section 8)."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from kpidesk.present.chart_tables import ChartTable
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.icons import icon
from kpidesk.ui.labels import Label
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.figures import Figures


class TableDialog(QDialog):
    """A chart as a table."""

    def __init__(self, shown: ChartTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(shown.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(shown.title, role="h2", elide=True))
        model = TableModel(
            [
                TableColumn(title, 0 if place == len(shown.columns) - 1 else 132)
                for place, title in enumerate(shown.columns)
            ],
            self,
        )
        exact = shown.exact or shown.rows
        model.set_rows(
            [
                [Cell(text, copy=plain) for text, plain in zip(row, plain_row, strict=True)]
                for row, plain_row in zip(shown.rows, exact, strict=True)
            ]
        )
        self.table = DataTable(model, shown.title)
        card = Card()
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.table)
        column.addWidget(card, 1)
        line = QHBoxLayout()
        line.addStretch(1)
        close = Button("Close")
        close.clicked.connect(self.close)
        line.addWidget(close)
        column.addLayout(line)
        width = 480 if len(shown.columns) < 5 else 1080
        self.resize(scaled(width), min(scaled(160) + self.table.full_height(), scaled(640)))


class ChartMenu(QObject):
    """The menu of one chart, which it belongs to. `table` is asked when something is chosen; `open_` leads on, where it does.

    `figures` are the numbers of the chart whose working can be shown.
    """

    def __init__(
        self,
        chart: QWidget,
        table: Callable[[], ChartTable],
        open_: tuple[str, Callable[[], None]] | None = None,
        figures: Figures | None = None,
    ) -> None:
        super().__init__(chart)
        self._chart, self._table, self._open, self._figures = chart, table, open_, figures
        chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        chart.customContextMenuRequested.connect(self._show)

    def menu(self) -> QMenu:
        """Return the menu, made for this once."""
        made = QMenu(self._chart)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._open is not None:
            made.addAction(icon("arrow-right"), *self._open)
        if self._figures is not None:
            self._figures.add_to(made)
        if not made.isEmpty():
            made.addSeparator()
        made.addAction(icon("table-2"), "View as table", self.view_as_table)
        made.addAction(icon("copy"), "Copy as image", self.copy_image)
        made.addAction(icon("text"), "Copy data", self.copy_data)
        return made

    def view_as_table(self) -> None:
        """Show what the chart shows as a table."""
        TableDialog(self._table(), self._chart.window()).open()

    def copy_image(self) -> None:
        """Put a picture of the chart on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._chart.grab())

    def copy_data(self) -> None:
        """Put the chart's numbers on the clipboard, tab-separated in full precision."""
        QGuiApplication.clipboard().setText(self._table().copied())

    def _show(self, place: QPoint) -> None:
        self.menu().popup(self._chart.mapToGlobal(place))
