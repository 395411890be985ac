"""The drawer over the right of the page: how a number came about, down to the rows and lines it comes from."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from kpidesk.domain.change import Change
from kpidesk.domain.finding import Status
from kpidesk.domain.query import Figure
from kpidesk.present.working import Dimension, SliceLine, Working, working_table
from kpidesk.ui.controls import Button, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import color, scaled
from kpidesk.ui.widgets.chart_menu import TableDialog
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.panels import Chip
from kpidesk.ui.widgets.working_rows import WorkingRows

_WIDTH, _PAD = 480, 16
_SLICES = (
    TableColumn(""),
    TableColumn("Value", 92, numeric=True),
    TableColumn("Likely range", 104, numeric=True),
    TableColumn("Sample", 64, numeric=True),
    TableColumn("Place", 52, numeric=True),
)


class _Page(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface."""
        QPainter(self).fillRect(event.rect(), color("surface"))


class Drawer(QWidget):
    """Lies over `over`. Esc and Close shut it and give the focus back; another figure takes the place of the one shown."""

    def __init__(self, session: Session, over: QWidget) -> None:
        super().__init__(over)
        self._session, self._over = session, over
        self._figure: Figure | None = None
        self._before: QWidget | None = None
        self.shown: Working | None = None
        self.rows: WorkingRows | None = None
        self._chip: Chip | None = None
        self.slices: DataTable | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(Divider())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self._area, 1)
        column.addWidget(Divider())
        column.addLayout(self._foot())
        over.installEventFilter(self)
        session.changed.connect(self._on_changed)
        session.workspace_changed.connect(self.shut)
        self.hide()

    def show_figure(self, figure: Figure) -> None:
        """Ask for the working of a number and show it."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._figure = figure
        self._session.ask(self, lambda workspace, _: workspace.working(figure), self.show_working, topic="working")

    def show_working(self, working: Working) -> None:
        """Show how a number came about."""
        self.shown = working
        self.setAccessibleName(f"Working of {working.title}, {working.about}")
        self.title.setText(working.title)
        self.about.setText(working.about)
        self.value.setText(working.value)
        self.value.setToolTip(working.exact)
        if self._chip is not None:
            self._chip.hide()
            self._chip.deleteLater()
        self._chip = Chip(working.status, working.chip)
        self._status.addWidget(self._chip)
        told = [f"Likely {working.range_text}" if working.range_text else "", *working.notes]
        self.notes.setText(". ".join(one.rstrip(".") for one in told if one))
        self.notes.setVisible(bool(self.notes.text()))
        self.whole.setVisible(bool(working.figure.where))
        self._area.setWidget(self._sections(working))
        self._place()
        self.show()
        self.raise_()
        self.closing.setFocus(Qt.FocusReason.OtherFocusReason)

    def shut(self) -> None:
        """Go away, and give the focus back to where it was."""
        before, self._before, self._figure, self.shown = self._before, None, None, None
        if not self.isVisible():
            return
        inside = self.isAncestorOf(QApplication.focusWidget() or self._over)
        self.hide()
        if inside and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy_sentence(self) -> None:
        """Put the sentence on the clipboard."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(self.shown.sentence)
            self.told.setText("Copied the sentence")

    def copy_data(self) -> None:
        """Put everything on the clipboard, tab-separated in full precision."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(working_table(self.shown).copied())
            self.told.setText("Copied the data")

    def view_as_table(self) -> None:
        """Show everything as one table."""
        if self.shown is not None:
            TableDialog(working_table(self.shown), self.window()).open()

    # --- parts

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(_PAD, 12, _PAD, 12)
        head.setSpacing(2)
        first = QHBoxLayout()
        self.title = Label("", "h2", elide=True)
        self.closing = Button("", "ghost", "x", compact=True)
        self.closing.setAccessibleName("Close the working")
        self.closing.setToolTip("Close")
        self.closing.clicked.connect(self.shut)
        first.addWidget(self.title, 1)
        first.addWidget(self.closing)
        second = QHBoxLayout()
        self.about = Label("", "small", "text2", elide=True)
        self.whole = Button("Show all slices", "link")
        self.whole.clicked.connect(self._show_whole)
        second.addWidget(self.about, 1)
        second.addWidget(self.whole)
        third = QHBoxLayout()
        third.setSpacing(12)
        self.value, self._status = Label("", "value"), QHBoxLayout()
        third.addWidget(self.value)
        third.addLayout(self._status)
        third.addStretch(1)
        self.notes = Label("", "small", "text2", wrap=True)
        for line in (first, second, third):
            head.addLayout(line)
        head.addWidget(self.notes)
        return head

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(_PAD, 10, _PAD, 10)
        foot.setSpacing(12)
        copy = Button("Copy as sentence", "secondary", "copy", compact=True)
        copy.clicked.connect(self.copy_sentence)
        foot.addWidget(copy)
        self.told = Label("", "small", "text2", elide=True)
        foot.addWidget(self.told, 1)
        for words, act in (("View as table", self.view_as_table), ("Copy data", self.copy_data)):
            link = Button(words, "link")
            link.clicked.connect(act)
            foot.addWidget(link)
        return foot

    def _sections(self, working: Working) -> QWidget:
        page = _Page()
        body = QVBoxLayout(page)
        body.setContentsMargins(_PAD, 12, _PAD, _PAD)
        body.setSpacing(6)
        self.told.setText("")
        body.addWidget(Label("Definition", "head"))
        body.addWidget(Label(working.definition, wrap=True))
        body.addWidget(Label(working.sentence, "small", "text2", wrap=True))
        body.addWidget(Label(working.version, "small", "text3", wrap=True))
        if working.annotations:
            _part_from(body, "Notes and changes in this period")
            for words in working.annotations:
                body.addWidget(Label(words, "small", wrap=True))
        _part_from(body, "Formula with its numbers")
        for step in working.steps:
            if len(working.steps) > 1:
                body.addWidget(Label(step.label, "smalls"))
            body.addWidget(Label(step.formula, "mono", "text2", wrap=True))
            body.addWidget(Label(f"= {step.filled} = {step.value}", "mono", wrap=True))
            body.addSpacing(4)
        self.rows = None
        if working.parts:
            _part_from(body, "Rows")
            self.rows = WorkingRows(self._session, working.parts)
            body.addWidget(self.rows)
        self.slices = None
        if working.dimensions:
            self._add_dimensions(body, working.dimensions)
        body.addStretch(1)
        return page

    def _add_dimensions(self, body: QVBoxLayout, dimensions: tuple[Dimension, ...]) -> None:
        _part_from(body, "By dimension")
        by = Choice("By dimension")
        by.offer(tuple((str(place), f"By {one.label.lower()}") for place, one in enumerate(dimensions)), "0")
        model = TableModel(_SLICES, self._area)
        table = DataTable(model, "Value by dimension", sortable=False, compact=True)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        note = Label("", "small", "text2", wrap=True)

        def chosen() -> Dimension:
            return dimensions[by.currentIndex()]

        def turn() -> None:
            one = chosen()
            columns = tuple(replace(column, title=column.title or one.label) for column in _shown(one))
            model.set_rows([_slice_cells(line, one) for line in one.slices], columns)
            table.fix_rows()
            few = any(line.row.few for line in one.slices)
            note.setText(" ".join(filter(None, (one.note, "A ring marks a sample too small to judge." if few else ""))))
            note.setVisible(bool(note.text()))

        figures = Figures(
            table,
            lambda: [(chosen().slices[row].row.label, chosen().slices[row].figure) for row in table.selected_rows()],
            menu=True,
        )
        figures.asked.connect(self._session.show_working, Qt.ConnectionType.QueuedConnection)
        table.doubleClicked.connect(lambda _: figures.ask())
        by.currentIndexChanged.connect(turn)
        for widget in (by, table, note):
            body.addWidget(widget)
        self.slices, self.by = table, by
        turn()

    # --- news

    def _show_whole(self) -> None:
        if self._figure is not None:
            self._session.show_working.emit(replace(self._figure, where=()))

    def _on_changed(self, change: object) -> None:
        if self.isVisible() and self._figure is not None and isinstance(change, Change):
            self.show_figure(self._figure)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right edge."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        width = min(scaled(_WIDTH), self._over.width())
        self.setGeometry(QRect(self._over.width() - width, 0, width, self._over.height()))

    def changeEvent(self, event: QEvent) -> None:
        """Take over another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and self.isVisible():
            self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface and its left edge."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surface"))
        painter.fillRect(QRect(0, 0, 1, self.height()), color("border2"))


def _part_from(body: QVBoxLayout, title: str) -> None:
    body.addSpacing(8)
    body.addWidget(Divider())
    body.addSpacing(4)
    body.addWidget(Label(title, "head"))


def _shown(one: Dimension) -> tuple[TableColumn, ...]:
    """Return the columns that say something: only rates have a range, and only what is beyond chance a place."""
    name, value, span, sample, place = _SLICES
    spans = (span,) if any(line.row.interval_text for line in one.slices) else ()
    places = (place,) if any(line.place for line in one.slices) else ()
    return (name, value, *spans, sample, *places)


def _slice_cells(line: SliceLine, one: Dimension) -> tuple[Cell, ...]:
    row = line.row
    cells = (
        Cell(row.label, mark=Status.NONE if row.few else None),
        Cell(row.text, "text3" if row.few else "text", copy="" if row.value is None else repr(row.value)),
        Cell(row.interval_text, "text2"),
        Cell(row.n, "text3"),
        Cell("" if line.place is None else str(line.place)),
    )
    shown = _shown(one)
    return tuple(cell for column, cell in zip(_SLICES, cells, strict=True) if column in shown)
