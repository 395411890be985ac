"""Tables of text: 36 px rows, a 28 px head, no zebra, and cells painted straight by the delegate.

A model holds rows of `Cell`, which are text as shown plus what sorts and copies. Imported text is data: it is only ever drawn
as plain text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from kpidesk.domain.finding import Status
from kpidesk.ui.theme import color, font, line_height, scaled
from kpidesk.ui.widgets.paint import status_mark

ROW_EXTRA, COMPACT_EXTRA, HEAD_EXTRA = 16, 9, 13
_PADDING = 8
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column. `width` in pixels at 100% text; 0 shares what is left, and needs `least`.

    Columns with the highest `drop` go first when narrow.
    """

    title: str
    width: int = 0
    numeric: bool = False
    role: str = "body"
    drop: int = 0
    least: int = 120


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `sort` orders it (its text when None), `copy` is put on the clipboard instead of the text when given."""

    text: str
    tone: str = "text"
    sort: float | str | None = None
    copy: str | None = None
    tinted: bool = False
    struck: bool = False
    mark: Status | None = None

    @property
    def key(self) -> tuple[int, float, str]:
        """A sort key that puts numbers before texts and blanks last."""
        if isinstance(self.sort, (int, float)):
            return (0, float(self.sort), "")
        text = self.text if self.sort is None else self.sort
        return (1, 0.0, text.casefold()) if text else (2, 0.0, "")


class TableModel(QAbstractTableModel):
    """Rows of cells under named columns. Sorting keeps the order of equal rows."""

    def __init__(self, columns: Sequence[TableColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[tuple[int, tuple[Cell, ...]]] = []
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    def set_rows(self, rows: Sequence[Sequence[Cell]], columns: Sequence[TableColumn] | None = None) -> None:
        """Show other rows, and other columns where given; the sort order stays when the columns do."""
        self.beginResetModel()
        if columns is not None and tuple(columns) != self.columns:
            self.columns = tuple(columns)
            self._sorted = None
        self._rows = [(number, tuple(row)) for number, row in enumerate(rows)]
        self._arrange()
        self.endResetModel()

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell shown at a place."""
        return self._rows[row][1][column]

    def source_row(self, row: int) -> int:
        """Return the place that a shown row had in `set_rows`."""
        return self._rows[row][0]

    def shown_row(self, source: int) -> int | None:
        """Return where a row of `set_rows` is shown now; None when there is no such row."""
        return next((place for place, (number, _) in enumerate(self._rows) if number == source), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, for painting, assistive technology and keyboard search."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) and index.isValid():
            return self.cell(index.row(), index.column()).text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's title, and how it is sorted for those who hear it."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        title = self.columns[section].title
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if self._sorted is None or self._sorted[0] != section:
                return title
            return f"{title}, sorted {'down' if self._sorted[1] is Qt.SortOrder.DescendingOrder else 'up'}"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column; column -1 gives back the order of `set_rows`."""
        self.layoutAboutToBeChanged.emit()
        self._sorted = (column, order) if 0 <= column < len(self.columns) else None
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        if self._sorted is None:
            self._rows.sort(key=lambda row: row[0])
            return
        column, order = self._sorted
        self._rows.sort(key=lambda row: row[0])
        self._rows.sort(key=lambda row: row[1][column].key, reverse=order is Qt.SortOrder.DescendingOrder)


class CellDelegate(QStyledItemDelegate):
    """Paints a cell's text directly, which is several times faster than through the style."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row; the width is the view's business."""
        return QSize(48, line_height("body") + ROW_EXTRA)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the ground, the line under the row, a tint where the cell is held, and the text."""
        model = index.model()
        if not isinstance(model, TableModel):
            return
        cell, column = model.cell(index.row(), index.column()), model.columns[index.column()]
        view = option.widget
        rect: QRect = option.rect
        ground = _ground(view, index)
        painter.save()
        if ground:
            painter.fillRect(rect, color(ground))
        if index.row() < model.rowCount() - 1:
            painter.setPen(QPen(color("border"), 1))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        role = "mono" if cell.tinted else column.role
        face = font(role)
        if column.numeric or column.title == "":
            face.setFeature(QFont.Tag("tnum"), 1)
        face.setStrikeOut(cell.struck)
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if cell.tinted:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("bad_bd"), 1))
            painter.setBrush(color("bad_bg"))
            painter.drawRoundedRect(rect.adjusted(2, 5, -2, -5), 4, 4)
        if cell.mark is not None:
            side = scaled(12)
            status_mark(painter, QRectF(inner.x(), QRectF(rect).center().y() - side / 2, side, side), cell.mark)
            inner.setLeft(inner.left() + side + 8)
        painter.setFont(face)
        painter.setPen(color("bad_fg" if cell.tinted else cell.tone))
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        text = QFontMetrics(face).elidedText(cell.text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        painter.restore()


def _ground(view: object, index: Index) -> str:
    if not isinstance(view, DataTable):
        return ""
    if view.selectionModel().isRowSelected(index.row(), QModelIndex()):
        return "selected"
    return "hover" if view.hovered_row == index.row() else ""


class TableHead(QHeaderView):
    """The head of a table: captions above a line, an arrow at the sorted column, and Enter sorts the current one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(24)

    def sizeHint(self) -> QSize:
        """Return the head's height."""
        return QSize(super().sizeHint().width(), line_height("capm") + HEAD_EXTRA)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint one caption."""
        model = self.model()
        if not isinstance(model, TableModel) or not rect.isValid():
            return
        column = model.columns[section]
        painter.save()
        painter.fillRect(rect, color("surface"))
        painter.setPen(QPen(color("border2"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        face = font("capm")
        painter.setFont(face)
        painter.setPen(color("text3"))
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        arrow = ""
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == section:
            arrow = " ↓" if self.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder else " ↑"
        text = (
            QFontMetrics(face).elidedText(
                column.title, Qt.TextElideMode.ElideRight, inner.width() - (12 if arrow else 0)
            )
            + arrow
        )
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        painter.restore()


class DataTable(QTableView):
    """A table view in the application's dress: rows are selected whole, Ctrl+C copies them as tab-separated text.

    It never scrolls sideways: columns with the highest `drop` are hidden until the rest fits.
    """

    def __init__(
        self,
        model: TableModel,
        name: str,
        *,
        sortable: bool = True,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._extra = COMPACT_EXTRA if compact else ROW_EXTRA
        self._rows_shown: int | None = None
        self.hovered_row = -1
        self._model = model
        self.setAccessibleName(name)
        self.setModel(model)
        self.setHorizontalHeader(TableHead(self))
        self.setItemDelegate(CellDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.horizontalHeader().setSortIndicatorShown(False)
        if sortable:
            self.setSortingEnabled(True)
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._dress()
        model.modelReset.connect(self._fit)

    def selected_rows(self) -> list[int]:
        """Return the selected rows as places in what `set_rows` was given, from the top of the screen down."""
        return [self._model.source_row(index.row()) for index in sorted(self.selectionModel().selectedRows())]

    def select_row(self, source: int) -> None:
        """Select the row that was at `source` in `set_rows`, wherever it is shown."""
        if (row := self._model.shown_row(source)) is not None:
            self.selectRow(row)

    def fix_rows(self, count: int | None = None) -> None:
        """Be as high as `count` rows, by default as all there are, also at another text size; nothing scrolls inside."""
        self._rows_shown = self._model.rowCount() if count is None else count
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + self._rows_shown * self.row_height + 2)

    def full_height(self) -> int:
        """Return the height that shows all rows without scrolling."""
        return self.horizontalHeader().sizeHint().height() + self._model.rowCount() * self.row_height

    @property
    def row_height(self) -> int:
        """The height of one row at the current text size."""
        return line_height("body") + self._extra

    def copied_text(self) -> str:
        """Return the selected rows as tab-separated text under their titles, in full precision."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = ["\t".join(column.title for column in self._model.columns)]
        for row in chosen:
            found = [self._model.cell(row, place) for place in range(self._model.columnCount())]
            lines.append("\t".join(_one_line(cell.text if cell.copy is None else cell.copy) for cell in found))
        return "\n".join(lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows; everything else is the view's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied_text())
            event.accept()
            return
        super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer so that its row is shown as hovered."""
        kind = event.type()
        row = self.hovered_row
        if kind in (QEvent.Type.MouseMove, QEvent.Type.HoverMove):
            row = self.rowAt(round(event.position().y()))  # type: ignore[attr-defined]
        elif kind in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            row = -1
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take over another theme or text size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)
        self._fit()

    def _dress(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self.row_height)
        if self._rows_shown is not None:
            self.fix_rows(self._rows_shown)
        palette = self.palette()
        if palette.color(self.backgroundRole()) != QColor(color("surface")):
            palette.setColor(palette.ColorRole.Base, color("surface"))
            palette.setColor(palette.ColorRole.Window, color("surface"))
            self.setPalette(palette)
        self._fit()

    def _fit(self) -> None:
        """Hide what does not fit, then give each column its width and the rest to those without one."""
        columns, width = self._model.columns, self.viewport().width()
        if not columns:
            return
        scale = line_height("body") / 20
        needs = [round((column.width or column.least) * scale) for column in columns]
        shown = set(range(len(columns)))
        for place in sorted(shown, key=lambda one: (-columns[one].drop, -one)):
            if sum(needs[one] for one in shown) <= width or not columns[place].drop:
                break
            shown.discard(place)
        open_ended = [place for place in sorted(shown) if not columns[place].width] or [max(shown)]
        spare = max(0, width - sum(needs[place] for place in shown))
        share, rest = divmod(spare, len(open_ended))
        for place in range(len(columns)):
            self.setColumnHidden(place, place not in shown)
            extra = share + (rest if place == open_ended[-1] else 0) if place in open_ended else 0
            self.setColumnWidth(place, needs[place] + extra)


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", " ").split("\n"))
