"""Colours of the formula: functions and KPIs, keywords, texts, comments."""

import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from kpidesk.ui.theme import color

_TOKENS = re.compile(
    r"(?P<comment>//.*)"
    r"|(?P<text>\"(?:[^\"]|\"\")*\"?|'(?:[^']|'')*'?|[“„”][^“”]*[“”]?)"
    r"|(?P<kpi>\[[^\]]*\]?)"
    r"|(?P<keyword>\b(?:WHERE|AND|OR|NOT|IN|BETWEEN|IS|CONTAINS|ON|TO|WITHIN|TRUE|FALSE|BLANK"
    r"|(?:MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)S?)\b)"
    r"|(?P<function>[^\W\d]\w*(?=\s*\())",
    re.IGNORECASE,
)
_INKS = {"comment": "text3", "text": "good_fg", "kpi": "accent_text", "keyword": "text3", "function": "accent_text"}


class Highlighter(QSyntaxHighlighter):
    """Colours one document in the tokens of the theme."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:
        """Colour a line."""
        for match in _TOKENS.finditer(text):
            made = QTextCharFormat()
            made.setForeground(color(_INKS[match.lastgroup or "text"]))
            self.setFormat(match.start(), match.end() - match.start(), made)
