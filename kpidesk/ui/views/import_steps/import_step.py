"""Step 4: the last look, the import itself, and what it did."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.importing import ImportReport, Preview
from kpidesk.present.feeds import FileFeeds
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.views.import_details import ImportDetails
from kpidesk.ui.views.import_steps.choosing import STATUS_WORDS, noun, one_of
from kpidesk.ui.views.import_steps.effect_panel import EffectPanel
from kpidesk.ui.views.import_steps.feeds_panel import FeedsPanel
from kpidesk.ui.views.import_steps.marks import Mark

_NAMED = 8


class ImportStep(QWidget):
    """The summary before, and the result after the import."""

    dashboard = Signal()
    another = Signal()
    undo = Signal()
    held = Signal()
    day_chosen = Signal(object)
    missing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QHBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(16)
        card = Card()
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(10)
        self.mark = Mark("none", 22)
        self.title = Label("", role="h2")
        head.addWidget(self.mark)
        head.addWidget(self.title)
        head.addStretch(1)
        column.addLayout(head)
        self.text = Label("", role="body", tone="text2", wrap=True)
        column.addWidget(self.text)
        column.addSpacing(10)
        actions = QHBoxLayout()
        actions.setContentsMargins(0, 0, 0, 0)
        actions.setSpacing(8)
        self.see = Button("See the dashboard", "primary", "layout-dashboard")
        self.more = Button("Import another file")
        self.take_back = Button("Undo this import", icon="undo-2")
        self.show_held = Button("Repair held rows")
        for button, signal in (
            (self.see, self.dashboard),
            (self.more, self.another),
            (self.show_held, self.held),
            (self.take_back, self.undo),
        ):
            button.clicked.connect(signal)
            actions.addWidget(button)
        actions.addStretch(1)
        self._actions = QWidget()
        self._actions.setLayout(actions)
        column.addWidget(self._actions)
        self.details = ImportDetails()
        self.details.day_chosen.connect(self.day_chosen)
        self.details.answer.connect(self.missing)
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.facts: dict[str, Label] = {}
        for place, name in enumerate(("Rows are", "Columns", "Stages", "Dates")):
            self.facts[name] = Label("", wrap=True)
            self._grid.addWidget(Label(name, role="body", tone="text2", wrap=True), place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self.facts[name], place, 1)
        column.addWidget(self._facts)
        column.addSpacing(6)
        column.addWidget(self.details)
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(card)
        self.feeds = FeedsPanel()
        left.addWidget(self.feeds)
        left.addStretch(1)
        page.addLayout(left, 63)
        self.effect = EffectPanel("What this import will do")
        page.addWidget(self.effect, 37, Qt.AlignmentFlag.AlignTop)

    def show_preview(self, preview: Preview, feeds: FileFeeds, currency: str) -> None:
        """Show the last look before the import."""
        self.feeds.show_feeds(feeds)
        self._actions.hide()
        self._show_facts(preview)
        blocked = bool(preview.blocking)
        rows = f"{preview.row_count:,} {one_of(preview.entity, preview.row_count)}"
        self.effect.title.setText("What this import will do")
        self.effect.show_effect(preview.effect, preview.entity, currency, also=preview.also, blocked=blocked)
        if blocked:
            self.mark.set_mark("bad")
            self.title.setText("Not ready yet")
            self.text.setText("\n".join(problem.message for problem in preview.blocking))
            return
        self.mark.set_mark("warn" if preview.effect.held else "good")
        self.title.setText(f"Ready to import {rows}")
        held = preview.effect.held
        words = f"From {preview.file_name}. "
        if held:
            words += (
                f"{held:,} {'row' if held == 1 else 'rows'} cannot be read and will be held. Nothing of them is lost. "
            )
        self.text.setText(words + "You can undo the import afterwards.")

    def _show_facts(self, preview: Preview) -> None:
        self._facts.show()
        kept = len(preview.unmapped)
        matched = len(preview.matches) - kept
        extras = ", ".join(preview.unmapped[:_NAMED]) + (f" and {kept - _NAMED:,} more" if kept > _NAMED else "")
        columns = f"{matched:,} matched" + (f", {kept:,} kept as columns of their own: {extras}" if kept else "")
        parts = []
        for status, word in STATUS_WORDS:
            names = [stage.stage for stage in preview.stages if stage.status == status]
            if names:
                parts.append(f"{word}: {', '.join(names)}")
        self.facts["Rows are"].setText(noun(preview.entity).capitalize())
        self.facts["Columns"].setText(columns)
        self.facts["Stages"].setText("\n".join(parts) or "None in this file")
        self.facts["Dates"].setText(preview.date_evidence or "No date of this file can be read in two ways")

    def show_report(self, report: ImportReport, currency: str, *, more_files: int) -> None:
        """Show what the import did."""
        preview, effect = report.preview, report.effect
        self._actions.show()
        self._facts.hide()
        self.effect.title.setText("What this import did")
        self.effect.show_effect(effect, preview.entity, currency, also=preview.also, done=True)
        self.take_back.setVisible(report.batch is not None)
        self.show_held.setVisible(report.batch is not None and effect.held > 0)
        self.more.setText(f"Continue with the next file ({more_files} left)" if more_files else "Import another file")
        self.more.updateGeometry()
        self.mark.set_mark("none" if report.already_imported else "good")
        if report.already_imported:
            self.title.setText("Already imported")
            self.text.setText(
                f"{preview.file_name} is in this workspace already, with the same rows and choices. Nothing was changed."
            )
            return
        self.title.setText(f"Imported {preview.file_name}")
        parts = [f"{effect.added:,} added", f"{effect.updated:,} updated", f"{effect.unchanged:,} unchanged"]
        if effect.held:
            parts.append(f"{effect.held:,} held")
        self.text.setText(", ".join(parts) + ".")

    def show_undone(self, preview: Preview) -> None:
        """Say that the import was taken back."""
        self.details.hide()
        self.mark.set_mark("none")
        self.title.setText("Import undone")
        self.text.setText(f"The workspace is as it was before {preview.file_name} was imported.")
        self.take_back.hide()
        self.show_held.hide()
