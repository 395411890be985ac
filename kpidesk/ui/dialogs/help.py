"""Help for the page that is shown, from short texts in one file."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PySide6.QtWidgets import QWidget

from kpidesk.paths import resource
from kpidesk.ui.controls import Button
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.labels import Label

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class HelpText:
    """A page's help: its title, what the page answers, and (question, answer) pairs."""

    title: str
    lead: str
    parts: tuple[tuple[str, str], ...]


@cache
def help_texts() -> dict[str, HelpText]:
    """Return the help of every page by its name, and what is true everywhere under `GENERAL`."""
    found = tomllib.loads(resource("help", "help.toml").read_text(encoding="utf-8"))
    return {
        name: HelpText(one["title"], one["lead"], tuple((question, answer) for question, answer in one["parts"]))
        for name, one in found.items()
    }


class HelpSheet(Sheet):
    """Shows the help of one page; asked again, it turns to the page that is shown then."""

    def __init__(self, parent: QWidget, shortcuts: Callable[[], None]) -> None:
        super().__init__("Help", parent)
        keys = Button("Keyboard shortcuts", "link")
        keys.clicked.connect(shortcuts)
        self.buttons.insertWidget(0, keys)

    def show_page(self, page: str) -> None:
        """Show a page's help and then what is true everywhere."""
        texts = help_texts()
        self.clear()
        own = texts.get(page)
        for text in (own, texts[GENERAL]) if own is not None else (texts[GENERAL],):
            if text is own:
                self.title.setText(text.title)
            else:
                self.body.addWidget(Label(text.title, "head"))
            self.body.addWidget(Label(text.lead, "body", "text2", wrap=True))
            self.body.addSpacing(8)
            for question, answer in text.parts:
                self.body.addWidget(Label(question, "strong", wrap=True))
                self.body.addWidget(Label(answer, "body", wrap=True))
                self.body.addSpacing(8)
        self.body.addStretch(1)
        self.area.verticalScrollBar().setValue(0)
