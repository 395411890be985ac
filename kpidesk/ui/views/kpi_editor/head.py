"""The head of the page: which definition is open, in which state it is, and what can be done with it."""

from PySide6.QtCore import Signal

from kpidesk.domain.kpi import Kpi
from kpidesk.ui.controls import Button
from kpidesk.ui.view import PageHeader


class EditorHead(PageHeader):
    """Shows at most four of its buttons at a time. `done` carries the name of the one that was pressed."""

    done = Signal(str)

    def __init__(self) -> None:
        super().__init__("KPIs")
        self.buttons = {
            "discard": Button("Discard", "ghost"),
            "versions": Button("Versions", "ghost", "history"),
            "retire": Button("Retire", "secondary"),
            "new": Button("New KPI", "secondary", "plus"),
            "store": Button("Save changes", "secondary"),
            "save": Button("Save changes", "primary"),
            "join": Button("Add to dashboard", "primary", "plus"),
        }
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.done.emit(name))
            self.add(button)

    def dress(self, kpi: Kpi | None, saved: Kpi | None, lacking: tuple[str, ...], locked: str) -> None:
        """Say what is open and offer what can be done; `lacking` keeps it from the dashboard, `locked` says why nothing can change."""
        edited, active = kpi is not None and kpi != saved, saved is not None and saved.active
        self.title.setText("KPIs" if kpi is None else kpi.name.strip() or "New KPI")
        self.answer.setText("" if kpi is None else f"KPIs, {kpi.kind.value}, {_state(saved, edited=edited)}")
        shown = {
            "discard": edited,
            "versions": saved is not None and not edited,
            "retire": active and not edited,
            "new": not edited,
            "store": edited and not active,
            "save": active,
            "join": kpi is not None and not active,
        }
        reasons = {
            "save": "" if edited else "Nothing was changed",
            "join": ". ".join(lacking),
            "store": "" if kpi is None or kpi.name.strip() else "Name it first",
        }
        for name, button in self.buttons.items():
            why = "" if name == "versions" else locked or reasons.get(name, "")
            button.setVisible(shown[name])
            button.setEnabled(not why)
            button.setToolTip(why.replace("<", "‹"))


def _state(saved: Kpi | None, *, edited: bool) -> str:
    if saved is not None and saved.active:
        return "edited, not saved yet" if edited else "saved"
    if edited:
        return "draft, saves as you go"
    return "retired" if saved is not None and saved.retired else "not on the dashboard"
