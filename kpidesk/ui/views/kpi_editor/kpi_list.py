"""The list of definitions: leading, lagging, the slot counter, drafts, retired ones, and the catalogue when it is searched."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.kpi import MOST_ACTIVE
from kpidesk.present.editor import KpiList, ListedKpi
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Button, Card, Divider, Icon, Pressable, keyboard_focus
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.views.kpi_editor.advice_line import AdviceLine
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.fields import TextEdit
from kpidesk.ui.widgets.roving import RovingFocus

_ROW, _SMALL, _MOST_FOUND = 36, 24, 30


class _Line(Pressable):
    """One KPI."""

    def __init__(self, value: ListedKpi, *, chosen: bool, small: bool) -> None:
        super().__init__()
        self.value = value
        self._small = small
        self.setCheckable(True)
        self.setChecked(chosen)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        fix_height(self, _SMALL if small else _ROW)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tell()

    def show_name(self, name: str) -> None:
        """Show another name."""
        if name != self.value.name:
            self.value = replace(self.value, name=name)
            self._tell()
            self.update()

    def _tell(self) -> None:
        """Say the line to assistive technology and in its tooltip."""
        value = self.value
        status = "" if value.status is None else value.status.word.lower()
        parts = (value.name, value.note, status, "edited" if value.drafted else "", value.vain, value.loose)
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip(". ".join(part for part in (value.name, value.vain, value.loose) if part).replace("<", "‹"))

    def sizeHint(self) -> QSize:
        """Return the height of a line."""
        return QSize(scaled(180), scaled(_SMALL if self._small else _ROW))

    def nextCheckState(self) -> None:
        """Stay as the list says."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark, name and value."""
        del event
        painter, box = QPainter(self), QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            look.rounded(painter, box.adjusted(4, 1, -4, -1), "selected" if self.isChecked() else "hover", "")
        if keyboard_focus(self):
            look.focus_ring(painter, box.adjusted(4, 1, -4, -1))
        value, left = self.value, 16.0 if self._small else 14.0
        role = "small" if self._small else "strong" if self.isChecked() else "smallm"
        if value.status is not None:
            side = scaled(14)
            paint.status_mark(painter, QRectF(left, box.center().y() - side / 2, side, side), value.status)
            left += side + 11
        note = paint.text_width(value.note, "small")
        right = box.width() - 16
        paint.line(painter, QRectF(0, 0, right, box.height()), value.note, "small", "text2", right=True)
        if value.loose:  # as the flag of the sidebar stands for goals
            side = scaled(12)
            flag = QRectF(right - note - side - 6, box.center().y() - side / 2, side, side)
            paint_icon(painter, flag, "flag", "warn_fg")
            note += side + 6
        name = QRectF(left, 0, right - note - (8 if value.note else 0) - left, box.height())
        wide = min(paint.text_width(value.name, role), name.width())
        paint.line(painter, name, value.name, role, "text2" if self._small else "text")
        if value.drafted and value.note != "Draft" and wide + 10 < name.width():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawEllipse(QRectF(left + wide + 5, box.center().y() - 2.5, 5, 5))


class _Slots(QWidget):
    """Seven boxes, filled as many as are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of the boxes."""
        return QSize(MOST_ACTIVE * scaled(12) + 2, scaled(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the boxes."""
        del event
        painter, side = QPainter(self), scaled(9)
        for place in range(MOST_ACTIVE):
            box = QRectF(place * scaled(12) + 1, (self.height() - side) / 2, side, side)
            taken = place < self.taken
            look.rounded(painter, box, "data_fill" if taken else "", "data_fill" if taken else "control", radius=2)


class KpiListPanel(Card):
    """`chosen` carries the id of a KPI, `taken` the Offer of an advice."""

    chosen = Signal(str)
    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.shown: KpiList | None = None
        self._current = ""
        self._all = False
        self.lines: list[_Line] = []
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 12, 0, 12)
        body.setSpacing(0)
        self.search = TextEdit("Find a KPI")
        self.search.setAccessibleName("Find a KPI")
        self.search.setClearButtonEnabled(False)
        self.search.textChanged.connect(self._refill)
        self.search.returnPressed.connect(self._first)
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 6)
        top.addWidget(self.search)
        body.addLayout(top)
        self._groups = QVBoxLayout()
        self._groups.setSpacing(0)
        body.addLayout(self._groups)
        body.addStretch(1)

    def show_list(self, value: KpiList) -> None:
        """Show the definitions."""
        self.shown = value
        self._refill()

    def mark(self, kpi_id: str) -> None:
        """Show which one is open."""
        self._current = kpi_id
        for line in self.lines:
            line.setChecked(line.value.id == kpi_id)

    def rename(self, kpi_id: str, name: str) -> None:
        """Show another name of a KPI, as it is typed."""
        for line in self.lines:
            if line.value.id == kpi_id:
                line.show_name(name.strip() or "New KPI")

    def _first(self) -> None:
        if self.search.text().strip() and self.lines:
            self.lines[0].click()

    def _refill(self) -> None:
        had = any(line.hasFocus() for line in self.lines)
        while (item := self._groups.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.lines = []
        value, wanted = self.shown, self.search.text().strip().casefold()
        if value is None:
            return
        if wanted:
            self._found(value, wanted)
        else:
            self._whole(value)
        RovingFocus(self, self.lines)
        if had:
            chosen = next((line for line in self.lines if line.isChecked()), None)
            if chosen is not None:
                chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def _found(self, value: KpiList, wanted: str) -> None:
        every = (*value.leading, *value.lagging, *value.drafts, *value.retired, *value.library)
        found = [one for one in every if wanted in one.name.casefold()][:_MOST_FOUND]
        self._lines(found)
        if not found:
            label = Label(
                f"Nothing matches “{self.search.text().strip()}”. New KPI begins one.", "small", "text2", wrap=True
            )
            label.setContentsMargins(16, 8, 16, 8)
            self._groups.addWidget(label)

    def _whole(self, value: KpiList) -> None:
        self._group("arrow-right-from-line", "Leading", value.leading)
        self._group("history", "Lagging", value.lagging)
        self._rule()
        self._counter(value)
        if value.drafts:
            self._rule()
            self._caption("Drafts", str(len(value.drafts)))
            self._lines(value.drafts, small=True)
        if value.retired:
            self._rule()
            self._caption("Retired", str(len(value.retired)))
            self._lines(value.retired, small=True)
        self._rule()
        self._caption("Catalogue", str(len(value.library)))
        if self._all:
            self._lines(value.library, small=True)
        more = Button("Hide the catalogue" if self._all else "Show the catalogue", "link")
        more.clicked.connect(self._toggle)
        self._inset(more)

    def _toggle(self) -> None:
        self._all = not self._all
        self._refill()

    def _inset(self, widget: QWidget) -> None:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 2, 16, 2)
        row.addWidget(widget)
        row.addStretch(1)
        self._groups.addWidget(box)

    def _group(self, icon: str, title: str, found: Sequence[ListedKpi]) -> None:
        box = QWidget()
        fix_height(box, 31)
        row = QHBoxLayout(box)
        row.setContentsMargins(15, 0, 16, 0)
        row.setSpacing(6)
        row.addWidget(Icon(icon, side=12))
        row.addWidget(Label(title, "small", "text2"))
        row.addStretch(1)
        row.addWidget(Label(str(len(found)), "small", "text2"))
        self._groups.addWidget(box)
        self._lines(found)
        self._groups.addSpacing(3)

    def _caption(self, title: str, count: str) -> None:
        box = QWidget()
        fix_height(box, _SMALL)
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(Label(title, "smallm", "text2"))
        row.addStretch(1)
        row.addWidget(Label(count, "small", "text2"))
        self._groups.addWidget(box)

    def _lines(self, found: Sequence[ListedKpi], *, small: bool = False) -> None:
        for one in found:
            line = _Line(one, chosen=one.id == self._current, small=small)
            line.clicked.connect(lambda _=False, kpi=one.id: self.chosen.emit(kpi))
            self.lines.append(line)
            self._groups.addWidget(line)

    def _rule(self) -> None:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(Divider())
        self._groups.addWidget(box)

    def _counter(self, value: KpiList) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 4, 16, 4)
        column.setSpacing(4)
        head = QHBoxLayout()
        slots = _Slots()
        slots.taken = value.slots
        slots.setAccessibleName(f"{value.slots} of {MOST_ACTIVE} slots taken")
        head.addWidget(Label(value.headline, "smalls"))
        head.addStretch(1)
        head.addWidget(slots)
        column.addLayout(head)
        column.addWidget(Label(value.advice, "cap", "text2", wrap=True))
        for one in value.concerns:
            line = AdviceLine(one, "cap")
            line.taken.connect(self.taken)
            column.addWidget(line)
        self._groups.addWidget(box)
