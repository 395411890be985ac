"""The dashboard: goal, KPI cards, pairs, what needs attention."""

from itertools import pairwise
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.period import Grain
from kpidesk.present.dashboard import Banner, Dashboard
from kpidesk.ui.controls import Button, Card, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.theme import SIDE_BY_SIDE, TEXT_SIZES, text_size
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.empty_state import EmptyState
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.goal_strip import GoalStrip
from kpidesk.ui.widgets.pairs import PairsPanel
from kpidesk.ui.widgets.panels import AttentionPanel, Mark
from kpidesk.ui.widgets.roving import RovingFocus

_GRAINS = ((Grain.WEEK.value, "Week"), (Grain.MONTH.value, "Month"), (Grain.QUARTER.value, "Quarter"))


class DashboardView(View):
    """Asks the workspace for one Dashboard value and shows it."""

    title: ClassVar[str] = "Dashboard"
    icon: ClassVar[str] = "layout-dashboard"
    acted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.shown: Dashboard | None = None
        self._dismissed = False
        self.header = PageHeader("Dashboard")
        self.grain = Segmented(_GRAINS, Grain.QUARTER.value)
        self.grain.changed.connect(self.make_stale)
        self.compare = QComboBox()
        self.compare.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.compare.setAccessibleName("Compare with")
        self.compare.activated.connect(self.make_stale)
        self._export = export = Button("", "secondary", "share")
        export.setToolTip("Export Excel summary")
        export.setAccessibleName("Export Excel summary")
        export.clicked.connect(lambda: self.acted.emit("export", ""))
        self._add = add = Button("Import data", "primary", "upload")
        add.clicked.connect(lambda: self.acted.emit("import", ""))
        for widget in (self.grain, self.compare, export, add):
            self.header.add(widget)
        self.body.addWidget(self.header)
        self._content = QWidget()
        self.body.addWidget(self._content, 1)

    def refresh(self) -> None:
        """Ask for the dashboard of the chosen grain and comparison."""
        grain, compare = Grain(self.grain.value), self.compare.currentData() or "previous"
        self.session.ask(
            self,
            lambda workspace, _: workspace.dashboard(grain, compare=compare),
            self.show_dashboard,
            topic="dashboard",
        )

    def show_dashboard(self, value: Dashboard) -> None:
        """Show a dashboard value."""
        self.shown = value
        self.session.period_shown.emit(value.period_label if value.has_rows else "")
        self.header.answer.setText(value.answer)
        self.compare.clear()
        for key, label in value.compare:
            self.compare.addItem(label, key)
        self.compare.setCurrentIndex(max(0, self.compare.findData(value.compared_with)))
        for widget in (self.grain, self._export):
            widget.setVisible(value.has_rows)
        self.compare.setVisible(bool(value.compare))
        self._add.setEnabled(not self.session.read_only)
        self._add.setToolTip(self.session.read_only.replace("<", "‹"))
        self._add.setVisible(value.has_rows)  # an empty page has its own button, and one primary is enough
        fresh = QWidget()
        body = QVBoxLayout(fresh)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        if value.banner is not None and not (value.banner.dismissible and self._dismissed):
            body.addWidget(self._banner(value.banner))
        if not value.has_rows:
            body.addWidget(self._empty(value.empty))
        else:
            self._fill(fresh, body, value)
        body.addStretch(1)
        for figures in fresh.findChildren(Figures):
            figures.asked.connect(self.session.show_working)
        self.body.replaceWidget(self._content, fresh)
        self._content.hide()
        self._content.deleteLater()
        self._content = fresh

    def _fill(self, page: QWidget, body: QVBoxLayout, value: Dashboard) -> None:
        if value.goal is not None:
            strip = GoalStrip(value.goal)
            strip.clicked.connect(lambda: self.acted.emit("goals", ""))
            body.addWidget(strip)
        body.addLayout(self._cards(page, value))
        lower = QGridLayout()
        lower.setSpacing(16)
        attention = AttentionPanel(value.attention)
        attention.acted.connect(self.acted)
        lower.addWidget(PairsPanel(value.pairs), 0, 0)
        if text_size() > SIDE_BY_SIDE:
            lower.addWidget(attention, 1, 0)
        else:
            lower.addWidget(attention, 0, 1)
            lower.setColumnStretch(0, 677)
            lower.setColumnStretch(1, 479)
        body.addLayout(lower)

    def _cards(self, page: QWidget, value: Dashboard) -> QVBoxLayout:
        """Lay out three cards above up to four; fewer to a row where the text is large."""
        rows = QVBoxLayout()
        rows.setSpacing(16)
        cards = [KpiCard(one) for one in value.cards]
        most = 4 if text_size() <= SIDE_BY_SIDE else 3 if text_size() < TEXT_SIZES[-1] else 2
        first = min(3, most)
        starts = [0, *range(first, len(cards), most if len(cards) <= first + most else first)]
        for start, end in pairwise([*starts, len(cards)]):
            line = QHBoxLayout()
            line.setSpacing(16)
            for one in cards[start:end]:
                one.opened.connect(lambda kpi: self.acted.emit("kpi", kpi))
                line.addWidget(one, 1)
            for _ in range(first - (end - start)):
                line.addWidget(QWidget(), 1)  # an empty slot, so that cards keep their width
            rows.addLayout(line)
        RovingFocus(page, cards)
        return rows

    def _banner(self, value: Banner) -> QWidget:
        box = Card(tint=value.status.value)
        row = QHBoxLayout(box)
        row.setContentsMargins(14, 9, 12, 9)
        row.setSpacing(12)
        row.addWidget(Mark(value.status, 16))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(Label(value.title, "strong"))
        texts.addWidget(Label(value.text, "small", "text2", elide=True))
        row.addLayout(texts, 1)
        act = Button(value.action_label, "secondary", "upload")
        act.clicked.connect(lambda: self.acted.emit(value.action, ""))
        row.addWidget(act)
        if value.dismissible:
            close = Button("Dismiss", "ghost")
            close.clicked.connect(lambda: self._dismiss(box))
            row.addWidget(close)
        return box

    def _dismiss(self, box: QWidget) -> None:
        self._dismissed = True
        box.hide()

    def _empty(self, words: str) -> QWidget:
        act = Button("Import data", "primary", "upload")
        act.clicked.connect(lambda: self.acted.emit("import", ""))
        return EmptyState("layout-dashboard", "No data yet", words, act)
