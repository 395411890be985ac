"""The head of the wizard: which file, the way on and back, and whether its matches are remembered."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from kpidesk.domain.importing import Preview
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button
from kpidesk.ui.view import PageHeader
from kpidesk.ui.views.import_steps import choosing
from kpidesk.ui.views.import_steps.choosing import Step

_NEXT_WORDS = {Step.FILE: "Match columns", Step.COLUMNS: "Check values", Step.VALUES: "Look it over"}


class WizardHeader(PageHeader):
    """Shows what is known of the file and offers only what can be done at the step."""

    remembering = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.remember = QCheckBox("Remember these matches")
        self.remember.setChecked(True)
        self.remember.toggled.connect(self.remembering)
        self.forget = Button("Forget", "link")
        self.forget.setToolTip("Forget what was chosen for files like this one, and recognise its columns afresh")
        self.cancel = Button("Cancel", "ghost")
        self.back = Button("Back")
        self.next = Button("Match columns", "primary", "arrow-right")
        for part in (self.remember, self.forget, self.cancel, self.back, self.next):
            self.add(part)

    def show_nothing(self) -> None:
        """Ask for a file."""
        self.title.setText("Import data")
        self.answer.setText("Bring in a CRM export. Nothing is saved until the last step.")
        self._offer(reading=False, step=Step.FILE, remembered=False)
        self._close_by("Cancel")

    def show_file(self, preview: Preview, step: Step, *, remember: bool, remembered: bool, done: bool) -> None:
        """Show a file that is read, or one that was imported (`done`); `remembered` choices were taken over for it."""
        self.title.setText(f"Import {choosing.noun(preview.entity)}")
        parts = plural(preview.row_count, "row"), plural(len(preview.matches), "column")
        facts = f"{preview.file_name}, {', '.join(parts)}"
        self.answer.setText(facts + ("; read as before" if remembered and not done else ""))
        self._offer(reading=not done, step=step, remembered=remembered)
        self._close_by("Close" if done else "Cancel")
        self.remember.setText(f"Remember these matches for {preview.profile_label} {choosing.noun(preview.entity)}")
        blocked = self.remember.blockSignals(True)
        self.remember.setChecked(remember)
        self.remember.blockSignals(blocked)
        importing = step is Step.IMPORT
        self.next.setText(_import_words(preview) if importing else _NEXT_WORDS[step])
        self.next.updateGeometry()
        stuck = importing and bool(preview.blocking)
        self.next.setEnabled(not stuck)
        self.next.setToolTip(preview.blocking[0].message.replace("<", "‹") if stuck else "")

    def _offer(self, *, reading: bool, step: Step, remembered: bool) -> None:
        self.remember.setVisible(reading and step in (Step.COLUMNS, Step.VALUES))
        self.forget.setVisible(reading and remembered)
        self.back.setVisible(reading and step is not Step.FILE)
        self.next.setVisible(reading)

    def _close_by(self, word: str) -> None:
        self.cancel.setText(word)
        self.cancel.updateGeometry()


def _import_words(preview: Preview) -> str:
    return f"Import {preview.row_count:,} {'row' if preview.row_count == 1 else 'rows'}"
