"""Open deals that a newer file lacks: what became of them is asked, and never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.absence import Answer, Answered, Missing, MissingDeal
from kpidesk.domain.change import Change
from kpidesk.present.numbers import MISSING, day, money, plural
from kpidesk.ui.controls import Button, Card, Divider, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import SIDE_BY_SIDE, scaled, text_size
from kpidesk.ui.view import PageHeader, View

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.workspace import Workspace

_ASKED = (
    TableColumn("Deal", 0, role="bodym"),
    TableColumn("Deal ID", 110, drop=3),
    TableColumn("Stage", 172),
    TableColumn("Value", 84, numeric=True),
    TableColumn("Owner", 104, drop=2),
    TableColumn("Expected close", 108, drop=1),
    TableColumn("Last seen", 100),
    TableColumn("Missing on", 100),
)
_SAID = (
    TableColumn("Deals", 0, role="bodym"),
    TableColumn("What became of them", 170),
    TableColumn("Not in", 260, drop=1),
    TableColumn("Answered", 110),
)
_WORDS = {
    Answer.LOST: ("Lost", "Closed as lost on the day of the file that lacks them"),
    Answer.DELETED: ("Deleted in the CRM", "Left out from that day on; their past is kept"),
    Answer.MERGED: ("Merged into another deal", "Left out from that day on, so that nothing counts twice"),
    Answer.OPEN: ("Still open", "Stay in the pipeline, until a file shows them and a later one does not"),
    Answer.FILTERED: (
        "Ask again later",
        "This export left them out. Stay in the pipeline until the next file lacks them",
    ),
}
_HINT = "Choose deals, or Ctrl+A for all, then say what became of them. Every answer can be taken back."


@dataclass(frozen=True, slots=True)
class _Known:
    """What the page shows: the questions, the answers that stand, and the workspace's currency."""

    asked: tuple[Missing, ...]
    said: tuple[Answered, ...]
    currency: str


class AnswerPanel(Card):
    """One button for each answer with what it means. `chosen` carries the Answer."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        self.title = Label("", role="head")
        self.reason = Label("", "small", "text2", wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.reason)
        self.buttons: dict[Answer, Button] = {}
        for answer, (words, meaning) in _WORDS.items():
            column.addWidget(Divider())
            button = self.buttons[answer] = Button(words, compact=True)
            button.setAccessibleDescription(meaning)
            button.clicked.connect(partial(self.chosen.emit, answer))
            pair = QVBoxLayout()
            pair.setSpacing(4)
            pair.addWidget(button)
            pair.addWidget(Label(meaning, "small", "text2", wrap=True))
            column.addLayout(pair)
        column.addStretch(1)

    def offer(self, number: int, reason: str, why_not: str) -> None:
        """Offer the answers for a number of deals with why it is asked, or say why they cannot be given."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.title.setText(f"What became of {plural(number, 'deal')}?" if number else "What became of them?")
        for button in self.buttons.values():
            button.setEnabled(not why_not)
            button.setToolTip(why_not.replace("<", "‹"))


class MissingDealsView(View):
    """The questions in a table with the answers beside it, and the answers given so far. `left` asks for the list of imports."""

    title: ClassVar[str] = "Missing deals"
    icon: ClassVar[str] = "circle-question-mark"
    redraw_on: ClassVar[Change] = Change.ROWS | Change.IMPORTS
    left = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.known = _Known((), (), "GBP")
        self.last: tuple[int, ...] = ()
        self._wanted: int | None = None
        self._build()
        session.workspace_changed.connect(self._forget)

    def open_import(self, batch: int | None) -> None:
        """Show the questions, with the deals chosen that one import lacks."""
        self._wanted = batch
        self.which.choose("asked")
        self.make_stale()

    def _forget(self) -> None:
        self.last = ()

    def _build(self) -> None:
        self.header = PageHeader(self.title)
        self.back = Button("All imports", "ghost")
        self.back.clicked.connect(lambda: self.left.emit(None))
        self.take_back = Button("Take back", icon="undo-2")
        self.take_back.clicked.connect(self._take_back_chosen)
        for part in (self.back, self.take_back):
            self.header.add(part)
        self.body.addWidget(self.header)
        line = QHBoxLayout()
        line.setSpacing(12)
        self.which = Segmented((("asked", "To answer"), ("said", "Answered")), "asked")
        self.which.changed.connect(self._show)
        self.hint = Label("", role="small", tone="text2", wrap=True)
        line.addWidget(self.which)
        line.addWidget(self.hint, 1, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.model = TableModel(_ASKED, self)
        self.table = DataTable(self.model, "Deals that a newer file lacks")
        self.table.selectionModel().selectionChanged.connect(self._show_actions)
        card = Card()
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.table)
        self.panel = AnswerPanel()
        self.panel.chosen.connect(self.answer)
        self._grid = QGridLayout()
        self._grid.setSpacing(16)
        self._card = card
        self.body.addLayout(self._grid, 1)
        self._arrange()

    def _arrange(self) -> None:
        large = text_size() > SIDE_BY_SIDE
        self._grid.addWidget(self._card, 0, 0)
        self._grid.addWidget(self.panel, int(large), int(not large))
        self._grid.setColumnStretch(0, 1)
        self.panel.setMinimumWidth(scaled(270))
        self.panel.setMaximumWidth(16_777_215 if large else scaled(270))
        self._card.setMinimumHeight(scaled(280))

    # --- looking

    def refresh(self) -> None:
        """Ask what is asked and what was said."""
        self._arrange()
        self.session.ask(
            self,
            lambda workspace, _: _Known(
                workspace.history.missing(), workspace.history.answered(), workspace.settings.currency
            ),
            self._have,
            topic="missing deals",
        )

    def _have(self, known: _Known) -> None:
        self.known = known
        self._show()

    @property
    def asked(self) -> list[tuple[Missing, MissingDeal]]:
        """The deals that are asked about, in the order of the table, each with its question."""
        return [(one, deal) for one in self.known.asked for deal in one.deals]

    def _show(self) -> None:
        asking = self.which.value == "asked"
        rows = (
            [self._asked_cells(*one) for one in self.asked] if asking else [_said_cells(one) for one in self.known.said]
        )
        self.model.set_rows(rows, _ASKED if asking else _SAID)
        self.panel.setVisible(asking)
        self.take_back.setVisible(not asking)
        if self._wanted is not None and asking:
            self.table.clearSelection()
            self.table.setSelectionMode(DataTable.SelectionMode.MultiSelection)
            for place, (one, _) in enumerate(self.asked):
                if one.batch == self._wanted:
                    self.table.select_row(place)
            self._wanted = None
        self.table.setSelectionMode(DataTable.SelectionMode.ExtendedSelection)
        self._show_words()
        self._show_actions()

    def _asked_cells(self, question: Missing, deal: MissingDeal) -> list[Cell]:
        value = MISSING if deal.value is None else money(deal.value, deal.currency or self.known.currency)
        return [
            Cell(deal.name or deal.deal_id or MISSING),
            Cell(deal.deal_id, "text2"),
            Cell(deal.stage, "text2"),
            Cell(value, sort=deal.value, copy="" if deal.value is None else str(deal.value)),
            Cell(deal.owner, "text2"),
            _day_cell(deal.expected),
            _day_cell(deal.seen),
            _day_cell(question.day),
        ]

    def _show_words(self) -> None:
        number = len(self.asked)
        words = "Nothing is asked. Every open deal is in the newest file, or was answered for."
        if number:
            them, stay = ("it", "stays") if number == 1 else ("them", "stay")
            words = f"{plural(number, 'open deal')} {stay} in the pipeline until you say what became of {them}"
        self.header.answer.setText(words)
        said = "Answers that stand, the newest first." if self.known.said else "No answer was given yet."
        self.hint.setText((_HINT if number else "") if self.which.value == "asked" else said)
        self.hint.setVisible(bool(self.hint.text()))

    def _show_actions(self) -> None:
        rows, locked = self.table.selected_rows(), self.session.read_only
        chosen, asked = len(rows), self.asked
        reasons = dict.fromkeys(f"{asked[row][0].reason}." for row in rows if self.which.value == "asked")
        self.panel.offer(
            chosen, " ".join(list(reasons)[:1]), locked or ("" if chosen else "Choose one or several deals")
        )
        self.take_back.setEnabled(chosen > 0 and not locked)
        self.take_back.setToolTip(locked.replace("<", "‹") or ("" if chosen else "Choose an answer"))

    # --- doing

    def answer(self, answer: Answer) -> None:
        """Say what became of the chosen deals."""
        asked = self.asked
        chosen: dict[int, list[int]] = {}
        for place in self.table.selected_rows():
            question, deal = asked[place]
            chosen.setdefault(question.batch, []).append(deal.row)
        number = sum(map(len, chosen.values()))

        def work(workspace: "Workspace", _progress: "Progress") -> tuple[int, ...]:
            return tuple(
                one for batch, rows in chosen.items() for one in workspace.history.answer_rows(batch, answer, rows)
            )

        if number:
            self.session.write(self, work, lambda ids: self._answered(ids, number, answer), title="Keeping the answer")

    def _answered(self, ids: tuple[int, ...], number: int, answer: Answer) -> None:
        self.last = ids
        words = f"{plural(number, 'deal')}: {_WORDS[answer][0].lower()}"
        self.session.noted.emit(words, lambda: self.take_answers_back(ids))

    def undo_last(self) -> None:
        """Take the answer given last back."""
        if self.last:
            self.take_answers_back(self.last)

    def _take_back_chosen(self) -> None:
        said = self.known.said
        self.take_answers_back(tuple(one for place in self.table.selected_rows() for one in said[place].ids))

    def take_answers_back(self, ids: Sequence[int]) -> None:
        """Take answers back: the deals are asked about again."""
        self.last = ()

        def work(workspace: "Workspace", _progress: "Progress") -> Change:
            return workspace.history.take_back(*ids) | Change.IMPORTS

        self.session.write(self, work, lambda _: None, title="Taking the answer back")


def _day_cell(value: date | None) -> Cell:
    if value is None:
        return Cell("", "text2")
    return Cell(day(value), "text2", sort=float(value.toordinal()), copy=value.isoformat())


def _said_cells(one: Answered) -> list[Cell]:
    named = ", ".join(one.deals[:3]) + (f" and {len(one.deals) - 3:,} more" if len(one.deals) > 3 else "")
    at = one.at.astimezone()
    return [
        Cell(named or "All that the file lacks"),
        Cell(_WORDS[one.answer][0], "text2"),
        Cell(one.file_name, "text2"),
        Cell(day(at.date()), "text2", sort=at.timestamp(), copy=at.isoformat()),
    ]
