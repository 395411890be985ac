"""Step 2: which column feeds which field, what is wrong, what will be read, and what the import will do."""

from PySide6.QtWidgets import QGridLayout, QWidget

from kpidesk.domain.importing import Choices, Preview
from kpidesk.ui.theme import SIDE_BY_SIDE, scaled, text_size
from kpidesk.ui.views.import_steps.columns_table import ColumnsTable
from kpidesk.ui.views.import_steps.effect_panel import EffectPanel
from kpidesk.ui.views.import_steps.preview_panel import PreviewPanel
from kpidesk.ui.views.import_steps.problems_panel import ProblemsPanel


class ColumnsStep(QWidget):
    """Four panels: the matches and the problems above, the preview and the effect below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(16)
        self.columns, self.problems = ColumnsTable(), ProblemsPanel()
        self.rows, self.effect = PreviewPanel(), EffectPanel("What this import will do")
        self.arrange()

    def arrange(self) -> None:
        """Set the panels beside each other, or one below the other where the text is large."""
        grid, large = self._grid, text_size() > SIDE_BY_SIDE
        for place, panel in enumerate((self.columns, self.problems, self.rows, self.effect)):
            grid.addWidget(panel, place if large else place // 2, 0 if large else place % 2)
        for place, share in enumerate((740, 0 if large else 416)):
            grid.setColumnStretch(place, share)
        grid.setRowStretch(0, 1)
        self.columns.setMinimumHeight(scaled(280))
        self.problems.setMinimumSize(300, scaled(240))

    def show_preview(self, preview: Preview, choices: Choices, currency: str) -> None:
        """Show a file as it will be read."""
        self.columns.show_preview(preview, currency)
        self.problems.show_preview(preview, choices)
        self.rows.start(preview)
        blocked = bool(preview.blocking)
        self.effect.show_effect(preview.effect, preview.entity, currency, also=preview.also, blocked=blocked)
