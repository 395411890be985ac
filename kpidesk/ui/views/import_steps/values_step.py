"""Step 3: what the stages mean, and how dates and numbers are read."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kpidesk.domain.importing import Choices, DateOrder, Preview, StageValue
from kpidesk.ui.controls import Card, Divider, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color
from kpidesk.ui.views.import_steps import choosing
from kpidesk.ui.views.import_steps.marks import Mark
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.panels import PanelHead, panel_body


class _StageRow(QWidget):
    """One stage, how many rows have it, and what it means."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 4, 0, 5)
        line.setSpacing(8)
        self.mark = Mark()
        self.count = Label("", role="small", tone="text2")
        self.status = Segmented(choosing.STATUS_WORDS, "open")
        self.status.setAccessibleName(f"What {stage} means")
        line.addWidget(self.mark)
        line.addWidget(Label(stage, role="bodym", elide=True), 1)
        line.addWidget(self.count)
        line.addWidget(self.status)

    def show_stage(self, stage: StageValue, noun: str) -> None:
        """Show what is known of the stage, without telling anybody."""
        self.mark.set_mark("good" if stage.known else "warn")
        self.count.setText(f"{stage.rows:,} {noun}")
        blocked = self.status.blockSignals(True)
        self.status.choose(stage.status or "open")
        self.status.blockSignals(blocked)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line under the row."""
        del event
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, color("border"))


class ValuesStep(QWidget):
    """`chosen` carries new Choices."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QHBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(16)
        self._stages = Card()
        self._column = panel_body(self._stages)
        self._sentence = Label("", role="small", tone="text2")
        self._column.addWidget(PanelHead("Stages", self._sentence))
        self._column.addWidget(Divider())
        self._column.addStretch(1)
        page.addWidget(self._stages, 63)
        page.addWidget(self._make_styles(), 37)
        self.rows: dict[str, _StageRow] = {}

    def show_preview(self, preview: Preview, choices: Choices) -> None:
        """Show the stages and the styles; rows of known stages stay, so that focus stays."""
        self._choices = choices
        names = [stage.stage for stage in preview.stages]
        if names != list(self.rows):
            for row in self.rows.values():
                row.hide()
                row.deleteLater()
            self.rows = {}
            for place, stage in enumerate(preview.stages):
                row = _StageRow(stage.stage)
                row.status.changed.connect(lambda status, name=stage.stage: self._set(name, status))
                self._column.insertWidget(2 + place, row)
                self.rows[stage.stage] = row
        for stage in preview.stages:
            self.rows[stage.stage].show_stage(stage, choosing.one_of(preview.entity, stage.rows))
        if names:
            self._sentence.setText("Say which stages mean won or lost. All others are open.")
        else:
            self._sentence.setText("This file has no stages, so there is nothing to say here.")
        self.evidence.setText(preview.date_evidence or "No date of this file can be read in two ways.")
        self.order.offer(
            (("", "Recognise from the file"), ("dmy", "Day first"), ("mdy", "Month first"), ("ymd", "Year first")),
            choices.date_order.value if choices.date_order else "",
        )
        self.decimal.offer(
            (("", "Recognise from the file"), (".", "Decimal point, 1,234.50"), (",", "Decimal comma, 1.234,50")),
            choices.decimal or "",
        )

    def _set(self, stage: str, status: str) -> None:
        self._choices = choosing.with_stage(self._choices, stage, status)
        self.chosen.emit(self._choices)

    def _make_styles(self) -> QWidget:
        card = Card()
        body = panel_body(card)
        body.addWidget(PanelHead("Dates and numbers"))
        body.addWidget(Divider())
        body.addSpacing(12)
        self.order = Choice("Order of dates")
        self.order.activated.connect(
            lambda _: self.chosen.emit(
                replace(self._choices, date_order=DateOrder(self.order.key) if self.order.key else None)
            )
        )
        self.decimal = Choice("Decimals of numbers")
        self.decimal.activated.connect(
            lambda _: self.chosen.emit(replace(self._choices, decimal=self.decimal.key or None))
        )
        self.evidence = Label("", role="small", tone="text2", wrap=True)
        parts = (Label("Dates", role="smallm"), self.order, self.evidence)
        for part in parts:
            body.addWidget(part)
            body.addSpacing(4)
        body.addSpacing(8)
        body.addWidget(Label("Numbers", role="smallm"))
        body.addSpacing(4)
        body.addWidget(self.decimal)
        body.addStretch(1)
        return card
