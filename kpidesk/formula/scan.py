"""A first look at the text, before the grammar: odd characters folded, open quotes and brackets found.

Pointing at the bracket that is never closed beats a parser's "unexpected end". Folding is one character for one, so that every
position in the folded text is the position in what the user wrote.
"""

import re

from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.unclosed import name_mends, text_mends

MAX_DEPTH = 60

_FOLDED = str.maketrans("×÷−–\u00a0\u2007\u2009\u202f\u3000\ufeff", "*/--      ") | {
    # Full-width forms of ASCII, as input methods of East Asia write them; their quotes are no quotes here.
    0xFEE0 + ord(char): char
    for char in map(chr, range(0x21, 0x7F))
    if char not in "\"'"
}
# What may end a text, by the character that starts it. Word processors turn straight quotes into pairs of curly ones.
_CLOSING = {
    '"': '"',
    "“": '”"“',
    "”": '”"',
    "„": '“”"',
    "«": "»",
    "»": "«",
    "'": "'",
    "‘": "’'‘",
    "’": "’'",
    "‚": "‘’'",
}
_OPERATORS = {
    "!=": "<>",
    "><": "<>",
    "≠": "<>",
    "==": "=",
    "=>": ">=",
    "≥": ">=",
    "=<": "<=",
    "≤": "<=",
    "**": "^",
    "&&": "AND",
    "||": "OR",
    **dict(zip("‐‑‒—∗⋅·•∕⁄", "----****//", strict=True)),
}
_SINGLE = "'‘’‚"
_HALVES = re.compile("[\ud800-\udfff]")  # lone surrogates: no file can keep them
# Digits in groups of three, as accountants and other countries write them: 1,000.50 or 1.000,50 or 1 000 or 1'000.
_GROUPED = re.compile(
    r"(?<![\w.,])[1-9]\d{0,2}"
    r"(?:(?:(?P<comma>,)\d{3})+(?:\.\d+)?|(?:[ \u00a0\u2009\u202f'’]\d{3})+|(?:(?P<point>\.)\d{3})+,\d+)(?!\w)"
)
_NO_GAPS = str.maketrans("", "", ", \u00a0\u2009\u202f'’")
# Decimals with a comma, in a formula whose values are separated with semicolons.
_DECIMAL = re.compile(r"(?<![\w.,])\d+,\d+(?![\w,])")


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
            end = len("".join(self.folded).rstrip()) or len(self.text)  # before a comment
            mend = Suggestion("add ) at the end", ")" * len(self.open), (end, end))
            place = self.open[-1]
            raise FormulaError("E04", "This ( is never closed.", (place, place + 1), (mend,))
        return "".join(self.folded)

    def after_equals(self) -> int:
        """Blank a leading = and return where to begin."""
        lead = re.match(r"\s*[=＝](?![=＝])", self.text)
        if lead is None:
            return 0
        self.folded[: lead.end()] = " " * lead.end()
        return lead.end()

    def step(self, index: int) -> int:
        """Handle what starts at `index` and return where to go on."""
        place = (index, index + 1)
        if self.text[index] in _CLOSING:
            return self._text(index)
        if self.text.startswith("//", index):
            end = self.text.find("\n", index)
            end = len(self.text) if end < 0 else end
            self.folded[index:end] = " " * (end - index)
            return end
        match self.folded[index]:
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
                message = "Arguments are separated with a comma, not a semicolon."
                raise FormulaError("E09", message, place, self._commas(index))
        if self.text[index].isdigit():
            self._grouped(index)
        self._operator(index)
        return index + 1

    def _operator(self, index: int) -> None:
        """Refuse the operators of programming languages and of mathematics by saying what stands for them here."""
        for written in (self.text[index : index + 2], self.text[index]):
            if written in _OPERATORS:
                here, place = _OPERATORS[written], (index, index + len(written))
                mend = Suggestion(here, here, place)
                raise FormulaError("E07", f"“{written}” is written {here} here.", place, (mend,))

    def _text(self, index: int) -> int:
        start = self.text[index]
        quote = "'" if start in _SINGLE else '"'
        closing, end = _CLOSING[start], index + 1
        while end < len(self.text):
            if self.text[end] in closing:
                around = self.text[end - 1] + self.text[end + 1 : end + 2]
                if start != quote and self.text[end] == "’" and len(around) > 1 and around.isalnum():
                    pass  # the apostrophe of ‘O’Brien’
                # A doubled straight quote stands for one quote inside the text.
                elif start != quote or self.text[end + 1 : end + 2] != quote:
                    break
                else:
                    end += 1
            end += 1
        if end >= len(self.text):
            sign, closer = (quote, quote) if quote in closing else (start, closing)
            message = f"This text starts with {sign} but never ends."
            mends = text_mends(self.text, index, closer, len(self.open))
            raise FormulaError("E06", message, (index, len(self.text)), mends)
        self.folded[index + 1 : end] = self.text[index + 1 : end]
        self.folded[index] = self.folded[end] = quote
        return end + 1

    def _name(self, index: int) -> int:
        end = self.text.find("]" if self.text[index] == "[" else "］", index)
        if end < 0:
            mends = name_mends(self.text, index, len(self.open))
            raise FormulaError("E04", "This [ is never closed.", (index, index + 1), mends)
        self.folded[index + 1 : end] = self.text[index + 1 : end]
        return end + 1

    def _grouped(self, index: int) -> None:
        """Refuse 1,000 and its kin: between brackets it would silently become two arguments."""
        found = _GROUPED.match(self.text, index)
        if found is None:
            return
        written, place = found.group(), found.span()
        if found.group("point"):
            plain = written.replace(".", "").replace(",", ".")
            raise FormulaError("E08", "Write decimals with a point.", place, (Suggestion(plain, plain, place),))
        plain = written.translate(_NO_GAPS)
        mends = [Suggestion(plain, plain, place)]
        if found.group("comma") and self.open and ",0" not in written:
            apart = written.replace(",", ", ")
            mends.append(Suggestion(f"{apart} if these are separate numbers", apart, place))
        message = "Write numbers without a thousands comma." if found.group("comma") else "Write numbers in one piece."
        raise FormulaError("E08", message, place, tuple(mends))

    def _commas(self, index: int) -> tuple[Suggestion, ...]:
        """Suggest a comma for the semicolon at `index`, and first for all of them, as other countries' spreadsheets have them."""
        one = Suggestion("replace ; with ,", ",", (index, index + 1))
        if not self.open and not self.text[index + 1 :].strip():
            return (Suggestion("remove this ;", "", (index, index + 1)),)
        changed = self._semicolons()
        if len(changed) < 2:
            return (one,)
        first, last = min(changed), max(changed) + 1
        written = "".join(changed.get(place, self.text[place]) for place in range(first, last))
        return (Suggestion("replace every ; with ,", written, (first, last)), one)

    def _semicolons(self) -> dict[int, str]:
        """Return what to put in place of each semicolon and of each decimal comma, by offset."""
        scanner = Scanner(self.text)
        changed: dict[int, str] = {}
        index = scanner.after_equals()
        while index < len(self.text):
            if scanner.folded[index] == ";":
                changed[index] = ","
                index += 1
                continue
            decimal = _DECIMAL.match(self.text, index)
            if decimal is not None:
                changed[self.text.index(",", index)] = "."
                index = decimal.end()
                continue
            try:
                index = scanner.step(index)
            except FormulaError:
                return {}
        return changed
