"""A sentence worth a thought, with links that do something about it at once."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.present.editor import Advice, Offer
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label


class AdviceLine(QWidget):
    """`taken` carries the Offer whose link was pressed."""

    taken = Signal(object)

    def __init__(self, value: Advice, role: str = "small") -> None:
        super().__init__()
        self.value = value
        self.links: list[Button] = []
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 2, 0, 2)
        body.setSpacing(0)
        body.addWidget(Label(value.words, role, "warn_fg", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(16)
        for offer in value.offers:
            row.addWidget(self._link(offer))
        row.addStretch(1)
        body.addLayout(row)

    def _link(self, offer: Offer) -> Button:
        link = Button(offer.label, "link")
        link.setAccessibleDescription(self.value.words)
        link.clicked.connect(lambda: self.taken.emit(offer))
        self.links.append(link)
        return link
