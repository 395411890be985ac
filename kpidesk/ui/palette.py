"""The command palette (design section 14): everything the window can do or show, found by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

from kpidesk.ui import style_paint as look
from kpidesk.ui.fuzzy import Match, match
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import SIDE_BY_SIDE, color, font, scaled, text_size
from kpidesk.ui.widgets import paint

GROUPS = ("Go to", "Do", "Help")
_WIDTH, _FIELD, _ROW, _GROUP, _FOOT, _PAD = 640, 56, 38, 30, 36, 7
_MOST, _MOST_LARGE = 9, 7  # rows shown at a time, and with large text


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `hint` is its shortcut, `about` a word on what it is, `aliases` are other names it is known by."""

    group: str
    text: str
    hint: str
    run: Callable[[], None]
    aliases: tuple[str, ...] = ()
    icon: str = "arrow-right"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that matches, with the places of the matched letters in its text (none if an alias matched)."""

    entry: Entry
    places: tuple[int, ...]


def find(query: str, entries: Sequence[Entry], recent: Sequence[str] = ()) -> tuple[Hit, ...]:
    """Return what matches, by group, best first; without a query everything, recently used first."""
    rank = {name: len(recent) - place for place, name in enumerate(recent)}
    hits: list[tuple[int, int, int, Hit]] = []
    for order, entry in enumerate(entries):
        own = match(query, entry.text)
        others = [found.score for alias in entry.aliases if (found := match(query, alias)) is not None]
        if own is None and not others:
            continue
        by_text = own is not None and own.score >= max(others, default=own.score)
        shown: Match = own if own is not None and by_text else Match(max(others, default=0), ())
        score = shown.score if query.strip() else 0
        hits.append(
            (GROUPS.index(entry.group), -score, -rank.get(entry.text, 0) * 1000 + order, Hit(entry, shown.places))
        )
    return tuple(hit for *_, hit in sorted(hits, key=lambda item: item[:3]))


class Palette(QWidget):
    """Covers its window with a scrim and asks what to do; it shows at once and is deleted when closed. Escape gives the focus back."""

    _recent: ClassVar[list[str]] = []  # texts of what was run, newest first, as long as the program runs

    def __init__(self, window: QWidget, entries: Sequence[Entry]) -> None:
        super().__init__(window)
        self._window = window
        self._entries = tuple(entries)
        self._hits: tuple[Hit, ...] = ()
        self._chosen = 0
        self._first = 0
        self._before = QApplication.focusWidget()
        self._field = QLineEdit(self)
        self._field.setFrame(False)
        self._field.setFont(font("lead"))
        self._field.setPlaceholderText("Search or run")
        self._field.setAccessibleName("Search or run")
        self._field.textChanged.connect(self._search)
        self._field.installEventFilter(self)
        window.installEventFilter(self)
        self._search("")
        self.show()
        self.raise_()
        self._field.setFocus()

    def close_palette(self) -> None:
        """Put the focus where it was and go."""
        self.hide()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus()
        self.deleteLater()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What is listed."""
        return self._hits

    def _search(self, query: str) -> None:
        self._hits = find(query, self._entries, self._recent)
        self._chosen = self._first = 0
        self._place()
        self._announce()

    def _announce(self) -> None:
        name = self._hits[self._chosen].entry.text if self._hits else "No results"
        self._field.setAccessibleDescription(name)
        self.update()

    def _move(self, step: int) -> None:
        if self._hits:
            self._chosen = (self._chosen + step) % len(self._hits)
            self._first = min(max(self._first, self._chosen - _most() + 1), self._chosen)
            self._place()
            self._announce()

    def _run(self) -> None:
        if not self._hits:
            return
        entry = self._hits[self._chosen].entry
        self._recent[:] = [entry.text, *(name for name in self._recent if name != entry.text)]
        self.close_palette()
        entry.run()

    def _shown(self) -> tuple[Hit, ...]:
        return self._hits[self._first : self._first + _most()]

    def _rows(self) -> list[tuple[int, str | Hit]]:
        """Heads and hits with their tops, in the panel."""
        rows: list[tuple[int, str | Hit]] = []
        top, group = scaled(_FIELD) + _PAD, ""
        for hit in self._shown():
            if hit.entry.group != group:
                group = hit.entry.group
                rows.append((top, group))
                top += scaled(_GROUP)
            rows.append((top, hit))
            top += scaled(_ROW)
        return rows

    def _panel(self) -> QRect:
        rows = self._rows()
        height = (rows[-1][0] + scaled(_ROW) if rows else scaled(_FIELD + 84)) + _PAD + scaled(_FOOT)
        width = min(scaled(_WIDTH), self.width() - 48)
        return QRect((self.width() - width) // 2, max(24, self.height() // 8), width, height)

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        panel = self._panel()
        left, high = 30 + scaled(16), scaled(32)
        self._field.setFont(font("lead"))
        self._field.setGeometry(
            panel.x() + left, panel.y() + (scaled(_FIELD) - high) // 2, panel.width() - left - scaled(64), high
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field move and run; the palette follows its window's size."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            match event.key():
                case Qt.Key.Key_Escape:
                    self.close_palette()
                case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                    self._move(1)
                case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                    self._move(-1)
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self._run()
                case _:
                    return False
            return True
        if event.type() is QEvent.Type.Resize and watched is self._window and self.isVisible():
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Take the room of another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Run the line under the pointer; outside of the panel the palette closes."""
        panel = self._panel()
        if not panel.contains(event.position().toPoint()):
            self.close_palette()
            return
        y = event.position().y() - panel.y()
        for top, row in self._rows():
            if isinstance(row, Hit) and top <= y < top + scaled(_ROW):
                self._chosen = self._hits.index(row)
                self._run()
                return

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move through a long list."""
        self._move(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint scrim, panel, groups and lines."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scrim = color("tip_bg" if color("window").lightness() > 128 else "window")
        scrim.setAlphaF(0.32 if color("window").lightness() > 128 else 0.59)
        painter.fillRect(self.rect(), scrim)
        panel = QRectF(self._panel()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(color("border2"))
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(panel, 12, 12)
        painter.translate(self._panel().topLeft())
        width = panel.width()
        side = scaled(16)
        paint_icon(painter, QRectF(20, (scaled(_FIELD) - side) / 2, side, side), "search")
        _key(painter, width - 16 - _key_width("Esc"), scaled(_FIELD) / 2, "Esc")
        painter.fillRect(QRectF(0, scaled(_FIELD), width, 1), color("border"))
        for top, row in self._rows():
            if isinstance(row, str):
                paint.text(painter, 20, top + scaled(9), row, "capm", "text3")
            else:
                self._paint_hit(painter, QRectF(_PAD, top, width - 2 * _PAD, scaled(_ROW)), row)
        if not self._hits:
            words = (
                f"No results for {self._field.text().strip()}" if self._field.text().strip() else "Nothing to do yet"
            )
            paint.text(painter, 20, scaled(_FIELD + 20), words, "strong", width=width - 40)
            paint.text(
                painter, 20, scaled(_FIELD + 44), "Try the name of a page, a KPI or a command.", "small", "text2"
            )
        self._paint_foot(painter, QRectF(0, panel.height() - scaled(_FOOT), width, scaled(_FOOT)))

    def _paint_foot(self, painter: QPainter, box: QRectF) -> None:
        painter.fillRect(QRectF(0, box.y(), box.width(), 1), color("border"))
        x = 20.0
        for key, words in (("↑↓", "move"), ("Enter", "open")):
            x = _key(painter, x, box.center().y(), key) + 7
            line = QRectF(x, box.y(), paint.text_width(words, "cap") + 2, box.height())
            paint.line(painter, line, words, "cap", "text2")
            x += line.width() + 14
        count = f"{len(self._hits)} of {len(self._entries)} commands"
        paint.line(painter, box.adjusted(0, 0, -20, 0), count, "cap", "text2", right=True)

    def _paint_hit(self, painter: QPainter, box: QRectF, hit: Hit) -> None:
        entry = hit.entry
        chosen = hit is self._hits[self._chosen]
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("selected"))
            painter.drawRoundedRect(box, 6.5, 6.5)
        side, middle = scaled(16), box.center().y()
        place = QRectF(box.x() + 13, middle - side / 2, side, side)
        paint_icon(painter, place, entry.icon, "accent_text" if chosen else "text2")
        x, top = place.right() + 13, box.y() + scaled(11)
        for place_in_text, letter in enumerate(entry.text):
            lit = place_in_text in hit.places
            x += paint.text(painter, x, top, letter, "strong" if lit else "bodym", "accent_text" if lit else "text")
        if entry.about:
            paint.text(painter, x + 12, box.y() + scaled(12), entry.about, "small", "text3")
        if entry.hint:
            _key(painter, box.right() - 12 - _key_width(entry.hint), middle, entry.hint)


def _most() -> int:
    return _MOST_LARGE if text_size() > SIDE_BY_SIDE else _MOST


def _key_width(words: str) -> float:
    return paint.text_width(words, "cap") + 12


def _key(painter: QPainter, left: float, middle: float, words: str) -> float:
    """Paint a key cap; returns its right edge."""
    box = QRectF(left, middle - scaled(10), _key_width(words), scaled(20))
    look.rounded(painter, box, "subtle", "border2", radius=4)
    paint.line(painter, box.adjusted(6, 0, 0, 0), words, "cap", "text2")
    return box.right()
