"""KPIs of the dashboard that serve no goal, each with the two ways out: map it, or retire it."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from kpidesk.present.goals import LooseKpi
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import fix_height
from kpidesk.ui.widgets.panels import Mark, PanelHead, panel_body


class LoosePanel(Card):
    """The list. `mapped` carries the ids of a KPI and of a goal, `retired` and `opened` that of a KPI."""

    mapped = Signal(str, str)
    retired = Signal(str)
    opened = Signal(str)

    def __init__(
        self,
        kpis: Sequence[LooseKpi],
        goals: Sequence[tuple[str, str]],
        locked: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._goals = tuple(goals)
        self.buttons: dict[str, tuple[Button, Button]] = {}
        body = panel_body(self)
        body.addWidget(PanelHead("Serve no goal", Label(plural(len(kpis), "KPI"), "small", "text2")))
        for kpi in kpis:
            body.addWidget(Divider())
            body.addWidget(self._row(kpi, locked))

    def _row(self, kpi: LooseKpi, locked: str) -> QWidget:
        box = QWidget()
        fix_height(box, 56)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Mark(kpi.status))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addStretch(1)
        texts.addWidget(Label(f"{kpi.name}, {kpi.value}", "bodym", elide=True))
        texts.addWidget(
            Label(f"{kpi.note}. Map it to the goal it helps to reach, or retire it.", "small", "text2", elide=True)
        )
        texts.addStretch(1)
        row.addLayout(texts, 1)
        map_, retire = Button("Map to a goal", "secondary", compact=True), Button("Retire", "ghost", compact=True)
        map_.clicked.connect(lambda: self.offer(kpi.kpi))
        retire.clicked.connect(lambda: self.retired.emit(kpi.kpi))
        for button in (map_, retire):
            button.setAccessibleName(f"{button.text()}: {kpi.name}")
            button.setAccessibleDescription(kpi.note)
            button.setEnabled(not locked)
            button.setToolTip(locked.replace("<", "‹"))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.buttons[kpi.kpi] = (map_, retire)
        return box

    def offer(self, kpi_id: str) -> None:
        """Open the list of goals under the button of a KPI."""
        button = self.buttons[kpi_id][0]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for goal_id, name in self._goals:
            action = menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, goal_id=goal_id: self.mapped.emit(kpi_id, goal_id))
        menu.setActiveAction(menu.actions()[0])
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))
