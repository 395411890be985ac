"""What an import will do, or did: figures, a split bar, and totals before and after."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.entity import entity as entity_of
from kpidesk.domain.importing import Also, Effect
from kpidesk.present.numbers import MISSING, money
from kpidesk.ui.controls import Card, Divider, Icon
from kpidesk.ui.labels import Label
from kpidesk.ui.views.import_steps.choosing import one_of
from kpidesk.ui.views.import_steps.marks import SplitBar


class EffectPanel(Card):
    """Shows an Effect. Before problems are answered it says that it is not known yet."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        self.title = Label(title, role="head")
        column.addWidget(self.title)
        self._figures = QWidget()
        self._row = QHBoxLayout(self._figures)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        column.addWidget(self._figures)
        self.bar = SplitBar()
        column.addWidget(self.bar)
        self.waiting = Label("", role="body", tone="text2", wrap=True)
        column.addWidget(self.waiting)
        self._totals = QWidget()
        self._grid = QGridLayout(self._totals)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(0, 1)
        column.addWidget(self._totals)
        column.addStretch(1)
        column.addWidget(Divider())
        column.addWidget(Label("You can undo an import whenever you like", role="small", tone="text2"))

    def show_effect(
        self,
        effect: Effect,
        entity: str,
        currency: str,
        *,
        also: Sequence[Also] = (),
        blocked: bool = False,
        done: bool = False,
    ) -> None:
        """Show the figures of an import of `entity` and of what its file feeds `also`.

        `blocked` while a problem waits, `done` after it was made.
        """
        _empty(self._row)
        _empty(self._grid)
        self.waiting.setVisible(blocked)
        self.waiting.setText("Known once the problems marked with a square are answered." if blocked else "")
        for part in (self._figures, self.bar, self._totals):
            part.setVisible(not blocked)
        if blocked:
            return
        figures = [
            (effect.updated, f"{one_of(entity, effect.updated)} updated", "text"),
            (effect.added, f"{one_of(entity, effect.added)} added", "text"),
            (effect.held, "held" if done else "held until fixed", "bad_fg" if effect.held else "text"),
        ]
        if effect.unchanged:
            figures.insert(2, (effect.unchanged, "unchanged", "text"))
        for place, (number, words, tone) in enumerate(figures):
            if place:
                self._row.addWidget(Divider(upright=True))
            pair = QVBoxLayout()
            pair.setSpacing(3)
            pair.addWidget(Label(f"{number:,}", role="stat", tone=tone))
            pair.addWidget(Label(words, role="small", tone="text2"))
            self._row.addLayout(pair, 1)
        self.bar.setAccessibleName(", ".join(f"{number:,} {words}" for number, words, _ in figures))
        self.bar.set_parts(
            (
                ("data_fill", effect.updated),
                ("data_prev", effect.added),
                ("band1", effect.unchanged),
                ("bad", effect.held),
            )
        )
        for place, (label, before, after) in enumerate(effect.totals):
            self._grid.addWidget(Label(label, role="small", tone="text2"), place, 0)
            right = Qt.AlignmentFlag.AlignRight
            self._grid.addWidget(Label(_money(before, currency), role="small", tone="text2"), place, 1, right)
            self._grid.addWidget(Icon("arrow-right", side=14), place, 2)
            self._grid.addWidget(Label(_money(after, currency), role="smalls"), place, 3, right)
        for place, one in enumerate(also, start=len(effect.totals)):
            self._grid.addWidget(Label(entity_of(one.entity).label, role="small", tone="text2"), place, 0)
            told = Label(_counts(one.effect), role="smalls")
            self._grid.addWidget(told, place, 1, 1, 3, Qt.AlignmentFlag.AlignRight)


def _counts(effect: Effect) -> str:
    counts = ((effect.added, "added"), (effect.updated, "updated"), (effect.held, "held"))
    return ", ".join(f"{number:,} {words}" for number, words in counts if number) or "nothing new"


def _money(amount: float | None, currency: str) -> str:
    return MISSING if amount is None else money(amount, currency)


def _empty(layout: QHBoxLayout | QGridLayout | QVBoxLayout) -> None:
    """Take everything out of a layout, nested ones included."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(inner := item.layout(), (QHBoxLayout, QVBoxLayout, QGridLayout)):
            _empty(inner)
