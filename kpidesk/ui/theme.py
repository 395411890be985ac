"""Colours, fonts and the application's palette, from one data file. Widgets ask at paint time, so a switch leaves nothing stale."""

import tomllib
from functools import cache
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from kpidesk.paths import resource

TEXT_SIZES = (90, 100, 115, 130, 150)
SIDE_BY_SIDE = 115  # percent; with larger text panels stand one below the other
_HEIGHT_AT_100 = "height_at_100"
_state = {"theme": "light"}
_scale = {"percent": 100}


@cache
def _tokens() -> dict[str, Any]:
    return tomllib.loads(resource("themes", "tokens.toml").read_text(encoding="utf-8"))


def color(token: str) -> QColor:
    """Return a colour of the current theme; KeyError for a name that the data file has not."""
    return QColor(_tokens()[_state["theme"]][token])


def current_theme() -> str:
    """Return "light" or "dark"."""
    return _state["theme"]


def text_size() -> int:
    """Return the user's text scale in percent: one of TEXT_SIZES."""
    return _scale["percent"]


def scaled(px: float) -> int:
    """Return a height or width that grows with the text, in whole px."""
    return round(px * _scale["percent"] / 100)


def fix_height(widget: QWidget, px: int) -> None:
    """Give a widget a height that follows the text size; `px` is the one at 100 percent."""
    widget.setProperty(_HEIGHT_AT_100, px)
    widget.setFixedHeight(scaled(px))


def set_text_size(percent: int) -> None:
    """Scale every type role and control height, and lay out all open windows again. ValueError for a size not in TEXT_SIZES."""
    if percent not in TEXT_SIZES:
        raise ValueError(percent)
    _scale["percent"] = percent
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setFont(font("body"))
        QToolTip.setFont(font("small"))
        for widget in app.allWidgets():
            if (px := widget.property(_HEIGHT_AT_100)) is not None:
                widget.setFixedHeight(scaled(px))
            # Widgets with a font of their own hear nothing of the application's, so all are told the same way.
            app.sendEvent(widget, QEvent(QEvent.Type.StyleChange))


@cache
def _font(role: str, percent: int) -> QFont:
    family, px, _, weight, spacing = _tokens()["type"][role]
    made = QFont(family)
    made.setPixelSize(round(px * percent / 100))
    made.setWeight(QFont.Weight(weight))
    made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 + spacing)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def font(role: str) -> QFont:
    """Return the font of a type role at the user's text size."""
    return QFont(_font(role, _scale["percent"]))


def line_height(role: str) -> int:
    """Return the line height of a type role in px at the user's text size."""
    return scaled(_tokens()["type"][role][2])


def load_fonts() -> None:
    """Make the bundled fonts known to Qt."""
    for path in sorted(resource("fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


def set_theme(name: str) -> None:
    """Switch to "light", "dark" or "system" and repaint everything."""
    if name == "system":
        hints = QGuiApplication.styleHints()
        name = "dark" if hints.colorScheme() is Qt.ColorScheme.Dark else "light"
    _state["theme"] = name
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setPalette(palette())
        QToolTip.setPalette(palette())
        for widget in app.allWidgets():
            widget.update()


def palette() -> QPalette:
    """Return Qt's palette built from the tokens."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, token in (
        (role.Window, "canvas"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "subtle"),
        (role.Text, "text"),
        (role.PlaceholderText, "text3"),
        (role.Button, "surface"),
        (role.ButtonText, "text"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.ToolTipBase, "tip_bg"),
        (role.ToolTipText, "tip_fg"),
        (role.Link, "accent_text"),
        (role.Mid, "border2"),
    ):
        made.setColor(which, color(token))
    for which in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, which, color("disabled"))
    return made


def install(app: QApplication) -> None:
    """Give the application its fonts, style and palette."""
    load_fonts()
    from kpidesk.ui.style import KpiStyle  # noqa: PLC0415 - the style asks this module for its colours

    if not isinstance(app.style(), KpiStyle):
        app.setStyle(KpiStyle())
    app.setFont(font("body"))
    QToolTip.setFont(font("small"))
    set_theme(current_theme())
