"""Which KPIs a file feeds, and which column to add to the export for the others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.present.feeds import FileFeeds, Missing
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Card
from kpidesk.ui.labels import Label
from kpidesk.ui.views.import_steps.marks import Mark

_FED, _LINES, _NAMES = 12, 4, 5


class FeedsPanel(Card):
    """Shows a FileFeeds: what works, then what to add, a line for each with the KPIs that wait for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        self.title = Label("", role="head")
        column.addWidget(self.title)
        self.lines: list[tuple[Mark, Label, Label]] = []
        self._rows: list[QWidget] = []
        for _ in range(_LINES + 2):
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(10)
            mark, words, names = Mark(), Label("", wrap=True), Label("", role="small", tone="text2", wrap=True)
            texts = QVBoxLayout()
            texts.setSpacing(1)
            texts.addWidget(words)
            texts.addWidget(names)
            line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            line.addLayout(texts, 1)
            column.addWidget(row)
            self._rows.append(row)
            self.lines.append((mark, words, names))

    def show_feeds(self, feeds: FileFeeds) -> None:
        """Show which KPIs work and what the others wait for."""
        fed, waiting = len(feeds.fed), feeds.waiting
        self.setVisible(bool(fed or waiting))
        self.title.setText(f"Feeds {plural(fed, 'KPI')}" + (f", {waiting:,} not yet" if waiting else ""))
        shown = [("good", "This import feeds", _some(feeds.fed, _FED))] if fed else []
        shown += [_line(one) for one in feeds.missing[:_LINES]]
        rest = sum(len(one.kpis) for one in feeds.missing[_LINES:])
        if rest:
            shown.append(("none", f"{plural(rest, 'more KPI')} need other columns or files", ""))
        for place, (row, (mark, words, names)) in enumerate(zip(self._rows, self.lines, strict=True)):
            row.setVisible(place < len(shown))
            if place < len(shown):
                sign, text, listed = shown[place]
                mark.set_mark(sign)
                words.setText(text)
                names.setText(listed)
                names.setVisible(bool(listed))


def _line(one: Missing) -> tuple[str, str, str]:
    return "none", one.words, f"For {_some(one.kpis, _NAMES)}"


def _some(names: tuple[str, ...], most: int) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
