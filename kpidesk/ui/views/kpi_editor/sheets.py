"""The windows that ask before a definition is saved: what it does to the past, and which KPI makes room."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.period import Grain
from kpidesk.insight.quality import vague
from kpidesk.present.editor import ListedKpi, Restatement, RevisionLine
from kpidesk.present.texts import lower_first
from kpidesk.ui.controls import Button, Segmented
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.labels import Label
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.fields import Field, Note, TextEdit

_GRAINS = ((Grain.MONTH.value, "Months"), (Grain.QUARTER.value, "Quarters"), (Grain.YEAR.value, "Years"))


class RestatementSheet(Sheet):
    """Old against new for every past period. `agreed` saves; `asked` wants another grain."""

    agreed = Signal()
    asked = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(f"What this does to {name}", parent, 640, 600)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.headline = Label("", "body", "text2", elide=True)
        self.formulas = Label("", "mono", "text2", wrap=True)
        self.others = Label("", "small", "text2", wrap=True)
        self.grain = Segmented(_GRAINS, Grain.YEAR.value)
        self.grain.changed.connect(self.asked)
        self.head.addWidget(self.headline)
        self.head.addWidget(self.grain)
        self._model = TableModel(
            (
                TableColumn("Period", 140),
                TableColumn("Until now", 120, numeric=True),
                TableColumn("From now on", 120, numeric=True),
                TableColumn("Change", 0, numeric=True),
            ),
            self,
        )
        self.table = DataTable(self._model, "Old against new")
        self.body.addWidget(self.formulas)
        self.body.addWidget(self.others)
        self.body.addSpacing(8)
        self.body.addWidget(self.table)
        self.body.addStretch(1)
        self.save = Button("Save changes", "primary")
        self.save.clicked.connect(self._agree)
        self.buttons.addWidget(self.save)
        self.save.setFocus()

    def show_restatement(self, value: Restatement) -> None:
        """Show what changes."""
        self.headline.setText(f"{value.headline}. The whole history is shown with the new definition.")
        before, after = value.formulas
        self.formulas.setText(f"Until now: {before}\nFrom now on: {after}" if before != after else "")
        self.formulas.setVisible(before != after)
        self.others.setText(value.others)
        self.others.setVisible(bool(value.others))
        self._model.set_rows(
            [
                (
                    Cell(row.label, sort=float(-place)),
                    Cell(row.before),
                    Cell(row.after, "text" if row.change else "text2"),
                    Cell(row.change or "Same", "text" if row.change else "text3"),
                )
                for place, row in enumerate(value.rows)
            ]
        )
        self.table.fix_rows()

    def _agree(self) -> None:
        self.agreed.emit()
        self.close()


class RetireSheet(Sheet):
    """Asks which of the seven makes room. `chosen` carries its id."""

    chosen = Signal(str)

    def __init__(self, name: str, active: Sequence[ListedKpi], parent: QWidget) -> None:
        super().__init__("Which KPI makes room?", parent, 560, 560)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        words = f"Seven KPIs are on the dashboard. {name} takes the place of the one you retire. That one keeps its definition and its history."
        self.head.addWidget(Label(words, "body", "text2", wrap=True))
        self._group = QButtonGroup(self)
        self.options: dict[str, QRadioButton] = {}
        for one in active:
            option = QRadioButton(f"{one.name}, {one.note}" if one.note else one.name)
            option.toggled.connect(self._on_chosen)
            self._group.addButton(option)
            self.options[one.id] = option
            self.body.addWidget(option)
            states = (one.status.word.lower() if one.status else "", one.kind.value, lower_first(one.loose))
            about = ", ".join(part for part in states if part)
            note = Label(
                f"{about}. {one.vain}" if one.vain else about, "small", "warn_fg" if one.vain else "text2", wrap=True
            )
            option.setAccessibleDescription(note.text())
            under = QHBoxLayout()
            under.setContentsMargins(scaled(24), 0, 0, 8)
            under.addWidget(note)
            self.body.addLayout(under)
        self.body.addStretch(1)
        self.retire = Button("Retire and add", "primary")
        self.retire.setEnabled(False)
        self.retire.setToolTip("Choose one first")
        self.retire.clicked.connect(self._agree)
        self.buttons.addWidget(self.retire)
        # The weakest comes first to mind: one that fails the vanity test, or serves no goal.
        first = next((one for one in active if one.vain), next((one for one in active if one.loose), active[0]))
        self.options[first.id].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Agree on Enter, once one is chosen."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.retire.isEnabled():
            self._agree()
        else:
            super().keyPressEvent(event)

    def _on_chosen(self) -> None:
        self.retire.setEnabled(True)
        self.retire.setToolTip("")

    def _agree(self) -> None:
        found = next(kpi for kpi, option in self.options.items() if option.isChecked())
        self.chosen.emit(found)
        self.close()


class VanitySheet(Sheet):
    """Asks of a KPI on its way to the dashboard what will be done when it changes. `answered` carries the answer, "" for none."""

    answered = Signal(str)

    def __init__(self, name: str, action: str, suggestion: str, parent: QWidget) -> None:
        super().__init__("If this number changes, what will you do?", parent, 560, 330)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        words = (
            f"{name} has no answer yet that somebody could start on tomorrow. A number that nothing follows from is a"
            " vanity number, and one of seven places is taken by it."
        )
        self.head.addWidget(Label(words, "body", "text2", wrap=True))
        self.action = TextEdit("Compare inbound and outbound, then fix the weaker step", 400)
        self.field = Field("&We will", self.action)
        self.action.setText(action)
        self.action.textChanged.connect(self._look)
        self.action.returnPressed.connect(self._agree)
        self.body.addWidget(self.field)
        self.use = Button("Use this", "link")
        self.use.clicked.connect(lambda: self.action.setText(suggestion))
        self.offer = Note(self.use)
        self.offer.say(f"For example: {suggestion}" if suggestion else "")
        self.body.addWidget(self.offer)
        self.body.addStretch(1)
        without = Button("Add without an answer")
        without.setToolTip("This is remembered, and the list of KPIs goes on asking")
        without.clicked.connect(lambda: self._tell(""))
        self.add = Button("Add to dashboard", "primary")
        self.add.clicked.connect(self._agree)
        self.buttons.addWidget(without)
        self.buttons.addWidget(self.add)
        self._look()
        self.action.setFocus()

    def _look(self) -> None:
        words, unclear = self.action.text(), vague(self.action.text())
        self.field.note.say(
            "Too vague. Say what you will do first, and then." if unclear else "", Status.WARN if unclear else None
        )
        self.add.setEnabled(bool(words.strip()) and not unclear)
        self.add.setToolTip("" if self.add.isEnabled() else "Say first what you will do")

    def _agree(self) -> None:
        if self.add.isEnabled():
            self._tell(self.action.text())

    def _tell(self, words: str) -> None:
        self.answered.emit(words)
        self.close()


class HistorySheet(Sheet):
    """The versions of a definition. `chosen` carries the number of the one to go back to."""

    chosen = Signal(int)

    def __init__(self, name: str, lines: Sequence[RevisionLine], parent: QWidget, locked: str = "") -> None:
        super().__init__(f"Versions of {name}", parent, 600, 460)
        self._lines, self._locked = tuple(lines), locked
        model = TableModel(
            (TableColumn("Version", 80), TableColumn("In force since", 130), TableColumn("What changed", 0)), self
        )
        model.set_rows(
            [(Cell(str(one.number), sort=float(-one.number)), Cell(one.since), Cell(one.changes)) for one in lines]
        )
        self.table = DataTable(model, "Versions")
        self.formula = Label("", "mono", "text2", wrap=True)
        self.back = Button("Go back to this version")
        self.back.clicked.connect(self._agree)
        self.body.addWidget(self.table)
        self.body.addSpacing(8)
        self.body.addWidget(self.formula)
        self.body.addStretch(1)
        self.buttons.insertWidget(1, self.back)  # beside Close
        self.table.fix_rows()
        self.table.selectionModel().selectionChanged.connect(self._look)
        self.table.activated.connect(self._agree)
        self.table.select_row(0)
        self.table.setFocus()

    def _look(self) -> None:
        """Show the formula of the chosen version, and whether one can go back to it."""
        rows = self.table.selected_rows()
        one = self._lines[rows[0]] if rows else None
        self.formula.setText("" if one is None else one.formula)
        why = "Choose an earlier version" if one is None or one is self._lines[0] or not one.formula else self._locked
        self.back.setEnabled(not why)
        self.back.setToolTip((why or "Opens it as a draft. Nothing changes before you save.").replace("<", "‹"))

    def _agree(self) -> None:
        rows = self.table.selected_rows()
        if rows and self.back.isEnabled():
            self.chosen.emit(self._lines[rows[0]].number)
            self.close()
