"""Imports: what a file will do before it is saved, and all imports with a way back."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.importing import BatchInfo, Choices, DateOrder, HeldRow, ImportReport
from kpidesk.domain.problem import KpideskError, Problem, Severity
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.widgets.panels import Mark

if TYPE_CHECKING:
    from kpidesk.workspace import PendingImport

_MARKS = {
    Severity.BLOCKING: Status.BAD,
    Severity.HELD: Status.BAD,
    Severity.CHECK: Status.WARN,
    Severity.INFO: Status.NONE,
}
_ORDERS = {
    DateOrder.DMY.value: "Day first",
    DateOrder.MDY.value: "Month first",
    ".": "Point begins decimals",
    ",": "Comma begins decimals",
}


class FileCard(Card):
    """One file before it is imported: what was recognised, what is wrong with the fix beside it, what it will do."""

    def __init__(self, view: "ImportsView", path: Path) -> None:
        super().__init__()
        self.view = view
        self.path = path
        self.choices = Choices()
        self.pending: PendingImport | None = None
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(16, 12, 16, 14)
        self._outer.setSpacing(6)
        self._say(f"Reading {path.name}", "")
        self.read()

    def read(self) -> None:
        """Read the file again under the choices made so far."""
        path, choices = self.path, self.choices
        self.view.session.ask(
            self,
            lambda workspace, progress: workspace.read(path, choices, progress),
            self.show_pending,
            self.show_error,
            topic=f"read {path}",
            title=f"Reading {path.name}",
        )

    def _clear(self) -> None:
        while (item := self._outer.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def _say(self, title: str, words: str, status: Status | None = None) -> None:
        self._clear()
        self._outer.addWidget(_line(title, words, status, "head"))

    def show_error(self, error: KpideskError) -> None:
        """Say why the file cannot be read; another one can be tried."""
        self._say(f"{self.path.name} was not imported", str(error), Status.BAD)

    def show_pending(self, pending: "PendingImport") -> None:
        """Show what was recognised and what the import will do."""
        self.pending = pending
        preview = pending.preview
        kind = preview.entity.replace("_", " ")
        self._say(
            preview.file_name,
            f"{preview.row_count:,} rows, {len(preview.matches)} columns, recognised as {preview.profile_label} {kind}",
        )
        mapped = ", ".join(
            f"{match.column} → {match.field.replace('_', ' ')}" for match in preview.matches if match.field
        )
        self._outer.addWidget(Label(f"Matched: {mapped}", "small", "text2", wrap=True))
        if preview.unmapped:
            self._outer.addWidget(
                Label(f"Kept as extra columns: {', '.join(preview.unmapped)}", "small", "text3", wrap=True)
            )
        if preview.stages:
            stages = ", ".join(f"{stage.stage} ({stage.status}, {stage.rows:,})" for stage in preview.stages)
            self._outer.addWidget(Label(f"Stages: {stages}", "small", "text2", wrap=True))
        if preview.date_evidence:
            self._outer.addWidget(Label(f"Dates: {preview.date_evidence}", "small", "text2"))
        for problem in preview.problems:
            self._outer.addWidget(Divider())
            self._outer.addWidget(self._problem(problem))
        self._outer.addWidget(Divider())
        effect = preview.effect
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 4, 0, 0)
        words = f"{effect.added:,} added, {effect.updated:,} updated, {effect.unchanged:,} unchanged, {effect.held:,} held. You can undo this import."
        line.addWidget(Label(words if pending.batch is not None else "Answer the question above first.", "bodym"), 1)
        self.go = Button(f"Import {preview.row_count:,} rows", "primary", "import")
        self.go.setEnabled(pending.batch is not None)
        self.go.setToolTip("" if pending.batch is not None else "A question above is open")
        self.go.clicked.connect(self.commit)
        line.addWidget(self.go)
        self._outer.addWidget(row)

    def _problem(self, problem: Problem) -> QWidget:
        box = _line(
            problem.message,
            ", ".join(f"line {place.line}" for place in problem.places if place.line is not None),
            _MARKS[problem.severity],
        )
        line = box.layout()
        assert isinstance(line, QHBoxLayout)  # noqa: S101 - made by _line
        for option in problem.options if problem.severity is Severity.BLOCKING else ():
            if option in _ORDERS:
                button = Button(_ORDERS[option], "secondary")
                button.clicked.connect(partial(self._choose, option))
                line.addWidget(button)
        if problem.code.startswith("unreadable-"):
            button = Button("Treat as blank", "secondary")
            button.clicked.connect(partial(self._blank, problem))
            line.addWidget(button)
        return box

    def _choose(self, option: str) -> None:
        if option in (".", ","):
            self.choices = replace(self.choices, decimal=option)
        else:
            self.choices = replace(self.choices, date_order=DateOrder(option))
        self.read()

    def _blank(self, problem: Problem) -> None:
        field = problem.code.removeprefix("unreadable-")
        self.choices = replace(
            self.choices, values={**self.choices.values, **{(field, value): "" for value in problem.values}}
        )
        self.read()

    def commit(self) -> None:
        """Save the import."""
        pending = self.pending
        if pending is None:
            return
        self.go.setEnabled(False)
        self.view.session.write(
            self,
            lambda workspace, progress: workspace.commit(pending, progress),
            self.show_report,
            self.show_error,
            title=f"Importing {self.path.name}",
        )

    def show_report(self, report: ImportReport) -> None:
        """Say what the import did."""
        effect = report.effect
        words = (
            f"{effect.added:,} added, {effect.updated:,} updated, {effect.unchanged:,} unchanged, {effect.held:,} held."
        )
        if report.already_imported:
            words = "This file is in the workspace already. Nothing was changed."
        self._say(f"{report.preview.file_name} is imported", words, Status.GOOD)


def _line(title: str, words: str, status: Status | None = None, role: str = "bodym") -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 2, 0, 2)
    row.setSpacing(10)
    if status is not None:
        row.addWidget(Mark(status), 0, Qt.AlignmentFlag.AlignTop)
    texts = QVBoxLayout()
    texts.setSpacing(0)
    texts.addWidget(Label(title, role, wrap=True))
    if words:
        texts.addWidget(Label(words, "small", "text2", wrap=True))
    row.addLayout(texts, 1)
    return box


class ImportsView(View):
    """Files waiting to be imported, then all imports, newest first."""

    title: ClassVar[str] = "Imports"
    icon: ClassVar[str] = "file-spreadsheet"
    acted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        header = PageHeader("Imports")
        header.answer.setText("Every import can be undone. The workspace is then as if it had never happened.")
        add = Button("Import data", "primary", "upload")
        add.clicked.connect(lambda: self.acted.emit("import", ""))
        header.add(add)
        self.body.addWidget(header)
        self.files = QVBoxLayout()
        self.files.setSpacing(16)
        self.body.addLayout(self.files)
        self._list: QWidget = QWidget()
        self.body.addWidget(self._list)
        self.body.addStretch(1)

    def read_files(self, paths: Sequence[Path]) -> None:
        """Show what files hold, one card each."""
        while (item := self.files.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for path in paths:
            self.files.addWidget(FileCard(self, path))

    def refresh(self) -> None:
        """Ask for the list of imports."""
        self.session.ask(self, lambda workspace, _: workspace.imports(), self.show_imports, topic="imports")

    def show_imports(self, found: Sequence[BatchInfo]) -> None:
        """List the imports, newest first."""
        fresh = Card()
        body = QVBoxLayout(fresh)
        body.setContentsMargins(16, 12, 16, 12)
        body.setSpacing(4)
        body.addWidget(Label("All imports", "head"))
        if not found:
            body.addWidget(Label("Nothing is imported yet. Drop a CSV or Excel file on the window.", "small", "text2"))
        for one in found:
            body.addWidget(Divider())
            effect = one.effect
            when, kind = f"{one.imported_at:%d %b %Y %H:%M} UTC", one.entity.replace("_", " ")
            words = f"{when}, {kind}: {effect.added:,} added, {effect.updated:,} updated, {effect.unchanged:,} unchanged, {effect.held:,} held"
            status = Status.NONE if one.undone_at else Status.WARN if effect.held else Status.GOOD
            box = _line(one.file_name if not one.undone_at else f"{one.file_name} (undone)", words, status)
            line = box.layout()
            assert isinstance(line, QHBoxLayout)  # noqa: S101 - made by _line
            if effect.held:
                held = Button("Show held rows", "link")
                held.clicked.connect(partial(self._held, one))
                line.addWidget(held)
            if not one.undone_at:
                undo = Button("Undo", "secondary", "undo-2")
                undo.setAccessibleName(f"Undo the import of {one.file_name}")
                undo.clicked.connect(partial(self._ask_undo, one))
                line.addWidget(undo)
            body.addWidget(box)
        self.body.replaceWidget(self._list, fresh)
        self._list.deleteLater()
        self._list = fresh

    def _held(self, one: BatchInfo) -> None:
        self.session.ask(
            self, lambda workspace, _: workspace.held_rows(one.id), partial(self._show_held, one.file_name)
        )

    def _show_held(self, name: str, rows: Sequence[HeldRow]) -> None:
        lines = [f"Line {row.line}: {row.reason}" for row in rows[:40]]
        more = f"\nand {len(rows) - 40:,} more" if len(rows) > 40 else ""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Rows of {name} that could not be read")
        box.setInformativeText("\n".join(lines).replace("<", "‹") + more)
        box.open()

    def _ask_undo(self, one: BatchInfo) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Undo the import of {one.file_name}?")
        box.setInformativeText("Its rows and changes go. Other imports stay. The file can be imported again.")
        undo = box.addButton("Undo import", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        undo.clicked.connect(partial(self.undo, one.id))
        box.open()

    def undo(self, batch_id: int) -> None:
        """Take an import back."""
        self.session.write(
            self,
            lambda workspace, progress: workspace.undo(batch_id, progress),
            lambda _: None,
            title="Undoing the import",
        )
