"""Pictures of the screens without a display, light and dark, at the two sizes that the design names."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.palette import Palette
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps.choosing import Step

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Clock

SIZES = ((1440, 900), (1280, 800))
THEMES = ("light", "dark")
_ROUNDS = 3  # layouts settle over a few rounds of posted events
_KPI = "win_rate"


def save_pictures(
    workspace: Path, folder: Path, *, export: Path | None = None, clock: "Clock | None" = None
) -> list[Path]:
    """Write a PNG of every screen in both themes and sizes into `folder`; return their paths.

    `export` is the file in the pictures of the import, by default one of the sample company; it comes into a copy. `clock`
    gives the moment at which the screens are looked at, by default now. OSError when the folder cannot be written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)  # noqa: S101 - the program makes no other kind
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home:
        # The pictures must not depend on, nor leave anything in, the preferences of the machine's user.
        before = os.environ.get("KPIDESK_HOME")
        os.environ["KPIDESK_HOME"] = home
        theme.install(app)
        was = theme.current_theme()
        window = MainWindow(Session(Jobs(inline=True), clock=clock))
        try:
            written = [
                path
                for name, turn in _screens(window, _copied(workspace, Path(home)), export or _sample_export(Path(home)))
                for path in _take(window, folder, name, turn)
            ]
        finally:
            window.imports.wizard.start_over()
            window.session.close_workspace()
            window.hide()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            theme.set_theme(was)
            os.environ.pop("KPIDESK_HOME")
            if before is not None:
                os.environ["KPIDESK_HOME"] = before
    return written


def _copied(workspace: Path, folder: Path) -> Path:
    """Copy the workspace, so that a draft on a picture is not one in the file."""
    from kpidesk.workspace import Workspace  # noqa: PLC0415 - the window shows before numpy is loaded

    with Workspace.open(workspace, read_only=True) as opened:
        opened.save_copy(folder / workspace.name)
    return folder / workspace.name


def _sample_export(folder: Path) -> Path:
    from kpidesk.workspace import sample_export  # noqa: PLC0415 - the window shows before numpy is loaded

    return sample_export(folder)


def _screens(window: MainWindow, workspace: Path, export: Path) -> Iterable[tuple[str, Callable[[], None]]]:
    """Give each screen's name and what turns the window to it, in the order in which they must be taken."""
    yield "welcome", lambda: None
    yield "dashboard", lambda: window.session.open_workspace(workspace)
    yield "working", lambda: _show_working(window)
    yield "kpi", lambda: window.act("kpi", _KPI)
    yield "kpis", lambda: window.act("kpis", _KPI)
    yield "kpis-typing", lambda: _type(window)
    yield "goals", lambda: window.show_page("goals")
    yield "goals-edit", lambda: _write_goal(window)
    yield "palette", window.open_palette
    yield "imports", lambda: window.show_page("imports")
    yield "imports-day", window.imports.details.day.change.click
    wizard = window.imports.wizard
    yield "import-start", lambda: window.imports.read_files([])
    yield "import-file", lambda: window.import_files([export])
    for step in (Step.COLUMNS, Step.VALUES, Step.IMPORT):
        yield f"import-{step.name.lower()}", lambda step=step: wizard.open_step(step)  # type: ignore[misc]
    yield "import-done", wizard.next.click
    yield "missing-deals", lambda: window.act("imports", "missing/")
    held = [batch.id for batch in window.imports.batches if batch.waiting]
    if held:
        yield "held-rows", lambda: window.act("imports", f"held/{held[0]}")


def _show_working(window: MainWindow) -> None:
    """Open the drawer for a card, where the dashboard has one."""
    cards = () if window.dashboard.shown is None else window.dashboard.shown.cards
    for card in sorted(cards, key=lambda one: one.kpi != _KPI)[:1]:
        window.session.show_working.emit(card.figure)


def _write_goal(window: MainWindow) -> None:
    """Open the first goal as a form, or a new one where there is none."""
    panels = window.goals.panels
    if panels:
        window.goals.edit(panels[0].value.goal.id)
    else:
        window.goals.new()


def _type(window: MainWindow) -> None:
    """Show the formula in the middle of a word, as someone sees it who looks at the completions. Nothing of it is kept."""
    draft, edit = window.kpis.draft, window.kpis.form.formula.edit
    if draft is not None:
        formula = "COUNT(won_deals)\n  / COUNT(closed_deals WHERE clo"
        window.kpis.try_out(replace(draft, formula=formula, action="Look into what changed"))
    edit.setFocus()
    edit.moveCursor(QTextCursor.MoveOperation.End)
    edit.ask_help()


def _take(window: MainWindow, folder: Path, name: str, turn: Callable[[], None]) -> Iterable[Path]:
    window.show()
    turn()
    for mode in THEMES:
        theme.set_theme(mode)
        for width, height in SIZES:
            window.resize(width, height)
            for _ in range(_ROUNDS):
                QCoreApplication.sendPostedEvents()
            path = folder / f"{name}-{mode}-{width}x{height}.png"
            if not window.grab().save(str(path)):
                raise OSError(path)
            yield path
    for palette in window.findChildren(Palette):
        palette.close()
