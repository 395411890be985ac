"""The dashboard: goal, KPI cards, pairs, what needs attention."""

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.period import Grain
from kpidesk.present.dashboard import Banner, Dashboard
from kpidesk.ui.controls import Button, Card, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.widgets.cards import GoalStrip, KpiCard
from kpidesk.ui.widgets.panels import AttentionPanel, Mark, PairsPanel

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
        self.compare.setFixedHeight(32)
        self.compare.setMinimumWidth(130)
        self.compare.setAccessibleName("Compare with")
        self.compare.activated.connect(self.make_stale)
        export = Button("", "secondary", "share")
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
            self._fill(body, value)
        body.addStretch(1)
        self.body.replaceWidget(self._content, fresh)
        self._content.deleteLater()
        self._content = fresh

    def _fill(self, body: QVBoxLayout, value: Dashboard) -> None:
        if value.goal is not None:
            body.addWidget(GoalStrip(value.goal))
        cards = [KpiCard(one) for one in value.cards]
        first = 3
        rows = (
            [cards[:first], cards[first:]]
            if len(cards) <= 7
            else [cards[start : start + first] for start in range(0, len(cards), first)]
        )
        for row in rows:
            if not row:
                continue
            line = QHBoxLayout()
            line.setSpacing(16)
            for one in row:
                one.opened.connect(lambda kpi: self.acted.emit("kpi", kpi))
                line.addWidget(one, 1)
            body.addLayout(line)
        lower = QGridLayout()
        lower.setHorizontalSpacing(16)
        attention = AttentionPanel(value.attention)
        attention.acted.connect(self.acted)
        lower.addWidget(PairsPanel(value.pairs), 0, 0)
        lower.addWidget(attention, 0, 1)
        lower.setColumnStretch(0, 677)
        lower.setColumnStretch(1, 479)
        body.addLayout(lower)

    def _banner(self, value: Banner) -> QWidget:
        box = Card()
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(Mark(value.status if value.status is not Status.NONE else Status.NONE))
        texts = QVBoxLayout()
        texts.setSpacing(0)
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
        box = Card()
        body = QVBoxLayout(box)
        body.setContentsMargins(32, 64, 32, 64)
        body.setSpacing(8)
        body.addWidget(Label("No data yet", "h2"))
        body.addWidget(Label(words, "body", "text2"))
        act = Button("Import data", "primary", "upload")
        act.clicked.connect(lambda: self.acted.emit("import", ""))
        body.addWidget(act)
        return box
