"""A first look at the text, before the grammar: odd characters folded, open quotes and brackets found.

Pointing at the bracket that is never closed beats a parser's "unexpected end". Folding is one character for one, so that every
position in the folded text is the position in what the user wrote.
"""

import re

from kpidesk.formula.errors import FormulaError, Suggestion

MAX_DEPTH = 60

_FOLDED = str.maketrans("×÷−–\u00a0\u2007\u2009\u202f\u3000\ufeff", "*/--      ")
# What may end a text, by the character that starts it. Word processors turn straight quotes into pairs of curly ones.
_CLOSING = {'"': '"', "“": '”"“', "”": '”"', "„": '“”"', "'": "'", "‘": "’'‘", "’": "’'", "‚": "‘’'"}
_OPERATORS = {"!=": "<>", "==": "=", "**": "^", "&&": "AND", "||": "OR"}
_SINGLE = "'‘’‚"
_HALVES = re.compile("[\ud800-\udfff]")  # lone surrogates: no file can keep them
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)")


def scan(text: str) -> str:
    """Return the text with quotes, operators and spaces folded, a leading = and comments blanked; the length is the same.

    What stands between quotes or in [ ] is left as it is: it is compared with data. FormulaError E04, E05, E06, E08, E09 or E20.
    """
    return Scanner(text).run()


class Scanner:
    """Walks over a text, folding as it goes; `folded` has one character for each of `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = list(text.translate(_FOLDED))
        self.open: list[int] = []

    def run(self) -> str:
        """Return the whole text folded; FormulaError when something in it is never closed."""
        half = _HALVES.search(self.text)
        if half is not None:
            message = f"There is half a character here (U+{ord(half.group()):04X})."
            raise FormulaError("E07", message, half.span(), (Suggestion("remove it", "", half.span()),))
        index = self.after_equals()
        while index < len(self.text):
            index = self.step(index)
        if self.open:
            end = len(self.text)
            mend = Suggestion("add ) at the end", ")" * len(self.open), (end, end))
            place = self.open[-1]
            raise FormulaError("E04", "This ( is never closed.", (place, place + 1), (mend,))
        return "".join(self.folded)

    def after_equals(self) -> int:
        """Blank a leading = and return where to begin."""
        lead = re.match(r"\s*=(?!=)", self.text)
        if lead is None:
            return 0
        self.folded[: lead.end()] = " " * lead.end()
        return lead.end()

    def step(self, index: int) -> int:
        """Handle what starts at `index` and return where to go on."""
        char, place = self.text[index], (index, index + 1)
        if char in _CLOSING:
            return self._text(index)
        if self.text.startswith("//", index):
            end = self.text.find("\n", index)
            end = len(self.text) if end < 0 else end
            self.folded[index:end] = " " * (end - index)
            return end
        match char:
            case "[":
                return self._name(index)
            case "(":
                self.open.append(index)
                if len(self.open) > MAX_DEPTH:
                    raise FormulaError("E20", f"This is nested more than {MAX_DEPTH} levels deep.", place)
            case ")":
                if not self.open:
                    mend = Suggestion("remove this )", "", place)
                    raise FormulaError("E05", "This ) closes nothing.", place, (mend,))
                self.open.pop()
            case ";":
                mend = Suggestion("replace ; with ,", ",", place)
                raise FormulaError("E09", "Arguments are separated with a comma, not a semicolon.", place, (mend,))
        if char.isdigit():
            self._thousands(index)
        self._operator(index)
        return index + 1

    def _operator(self, index: int) -> None:
        """Refuse the operators of programming languages by saying what stands for them here."""
        written = self.text[index : index + 2]
        if written in _OPERATORS:
            mend = Suggestion(_OPERATORS[written], _OPERATORS[written], (index, index + 2))
            raise FormulaError(
                "E07", f"“{written}” is written {_OPERATORS[written]} here.", (index, index + 2), (mend,)
            )

    def _text(self, index: int) -> int:
        start = self.text[index]
        quote = "'" if start in _SINGLE else '"'
        closing, end = _CLOSING[start], index + 1
        while end < len(self.text):
            if self.text[end] in closing:
                # A doubled straight quote stands for one quote inside the text.
                if start != quote or self.text[end + 1 : end + 2] != quote:
                    break
                end += 1
            end += 1
        if end >= len(self.text):
            mend = Suggestion(f"add {quote} after the text", quote, (len(self.text), len(self.text)))
            message = f"This text starts with {quote} but never ends."
            raise FormulaError("E06", message, (index, len(self.text)), (mend,))
        self.folded[index + 1 : end] = self.text[index + 1 : end]
        self.folded[index] = self.folded[end] = quote
        return end + 1

    def _name(self, index: int) -> int:
        end = self.text.find("]", index)
        if end < 0:
            mend = Suggestion("add ] at the end", "]", (len(self.text), len(self.text)))
            raise FormulaError("E04", "This [ is never closed.", (index, index + 1), (mend,))
        self.folded[index:end] = self.text[index:end]
        return end + 1

    def _thousands(self, index: int) -> None:
        """Refuse 1,000: between brackets it would silently become two arguments."""
        found = _THOUSANDS.match(self.text, index)
        if found is None:
            return
        written = found.group()
        mends = [Suggestion(written.replace(",", ""), written.replace(",", ""), found.span())]
        if self.open:
            apart = written.replace(",", ", ")
            mends.append(Suggestion(f"{apart} if these are separate numbers", apart, found.span()))
        raise FormulaError("E08", "Write numbers without a thousands comma.", found.span(), tuple(mends))
