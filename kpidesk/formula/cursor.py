"""Where the caret stands in a formula that is being typed: what the parser takes there, and which rows are in reach."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from kpidesk.formula.errors import FormulaError
from kpidesk.formula.functions import CONDITIONAL, Group, stands
from kpidesk.formula.nodes import Span
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.formula.scan import Scanner
from kpidesk.formula.syntax import parser

_WORD = re.compile(r"[^\W\d][\w\u0300-\u036f]*\Z")
_REST = re.compile(r"[\w\u0300-\u036f]*")
_EITHER = ("MIN", "MAX")  # over rows or over results, as what is inside shows


class Spot(StrEnum):
    """What is being typed at the caret."""

    WORD = "word"  # a name, a keyword or an operator
    TEXT = "text"  # between quotes
    NAME = "name"  # between [ and ]
    NOTHING = "nothing"  # a comment


class Clause(StrEnum):
    """The part of an argument that the caret is in."""

    VALUE = ""
    WHERE = "where"
    ON = "on"
    TO = "to"
    TO_WHERE = "to where"
    WITHIN = "within"


@dataclass(slots=True)
class Bracket:
    """A bracket that is open at the caret. `function` is what stands before it, in capitals.

    `start` is the offset after the bracket. `rows` is the list of rows it is about, `target` the one after TO; both are empty
    until they have been written. `column` is what an IN list is compared with.
    """

    function: str
    start: int
    argument: int = 0
    clause: Clause = Clause.VALUE
    where: int = 0
    rows: str = ""
    target: str = ""
    column: "ColumnAt | None" = None

    @property
    def over_rows(self) -> bool:
        """Whether rows become a number in it."""
        return stands(self.function, Group.OVER_ROWS) and (self.function not in _EITHER or bool(self.rows))

    @property
    def tested(self) -> bool:
        """Whether a test stands at the caret."""
        if self.clause in (Clause.WHERE, Clause.TO_WHERE):
            return True
        criterion = self.function in CONDITIONAL and self.argument > 0
        return criterion or (self.function == "IF" and self.argument == 0)


@dataclass(frozen=True, slots=True)
class ColumnAt:
    """A column as written: `rows` is empty when it stands alone."""

    rows: str
    name: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The caret. `typed` is what stands left of it of the thing being typed, `span` what a completion replaces.

    `tokens` are those before that thing, `accepts` the names of the tokens the grammar takes next, `brackets` those that are open,
    the outermost first.
    """

    spot: Spot
    typed: str
    span: Span
    tokens: tuple[Token, ...]
    accepts: frozenset[str]
    brackets: tuple[Bracket, ...]

    @property
    def inner(self) -> Bracket | None:
        """The innermost open bracket that is not a plain one."""
        return next((one for one in reversed(self.brackets) if one.function), None)

    @property
    def rows_bracket(self) -> Bracket | None:
        """The function over rows that the caret is in."""
        return _rows_bracket(self.brackets)

    @property
    def only(self) -> Bracket | None:
        """The ONLY in whose test the caret is."""
        found = (one for one in reversed(self.brackets) if one.function == "ONLY" and one.clause is Clause.WHERE)
        return next(found, None)

    @property
    def tested(self) -> bool:
        """Whether a test, and so a comparison, can stand at the caret."""
        inner = self.inner
        return inner is not None and inner.tested

    def column_before(self, back: int = 0) -> ColumnAt | None:
        """Return the column written just before the caret, or before the last `back` tokens."""
        return _column(self.tokens[: len(self.tokens) - back])


def cursor(text: str, position: int) -> Cursor:
    """Say where the caret stands. Whatever is wrong left of it is passed over; what is right of it hardly matters."""
    spot, start, folded = _fold(text, position)
    end = position
    if spot is Spot.WORD:
        word = _WORD.search(folded)
        start = word.start() if word else position
        rest = _REST.match(text, position)
        end = rest.end() if rest else position
    elif spot is not Spot.NOTHING:
        end = _end(text, start, position, spot)
    tokens, accepts = _tokens(folded[:start])
    typed = text[start:position] if spot is Spot.WORD else text[start + 1 : position]
    return Cursor(spot, typed, (start, end), tokens, accepts, tuple(_brackets(tokens)))


def _fold(text: str, position: int) -> tuple[Spot, int, str]:
    """Return what is typed at the caret, where that began, and the folded text up to the caret."""
    scanner = Scanner(text[:position])
    index = scanner.after_equals()
    while index < position:
        begun = index
        if scanner.folded[index] == ";":
            scanner.folded[index] = ","
            index += 1
            continue
        try:
            index = scanner.step(index)
        except FormulaError as error:
            if error.code == "E06":
                return Spot.TEXT, begun, "".join(scanner.folded)
            if error.code == "E04":
                return Spot.NAME, begun, "".join(scanner.folded)
            index += 1
        else:
            if index == position and text.startswith("//", begun):
                return Spot.NOTHING, begun, "".join(scanner.folded)
    return Spot.WORD, position, "".join(scanner.folded)


def _end(text: str, start: int, position: int, spot: Spot) -> int:
    """Return where the text or name around the caret ends: after its closing mark, or at the caret when it has none yet."""
    scanner = Scanner(text)
    try:
        end = scanner.step(start)
    except FormulaError:
        return position
    if spot is Spot.NAME:
        return position if "[" in text[start + 1 : end] else end
    # A mark further on may open the next text instead: then there is one too many.
    index = end
    while index < len(text):
        if scanner.folded[index] == ";":
            index += 1
            continue
        try:
            index = scanner.step(index)
        except FormulaError as error:
            if error.code == "E06":
                return position
            index += 1
    return end


def _tokens(folded: str) -> tuple[tuple[Token, ...], frozenset[str]]:
    """Return all tokens and what the parser takes after those of them that fit."""
    reading: Any = parser().parse_interactive(folded)  # lark leaves some of its methods untyped
    found: list[Token] = []
    while True:
        try:
            for token in reading.lexer_thread.lex(reading.parser_state):
                found.append(token)
                reading.feed_token(token)
            return tuple(found), frozenset(reading.accepts())
        except UnexpectedToken as error:
            if not found or found[-1] is not error.token:
                found.append(error.token)
        except UnexpectedCharacters:
            state = reading.lexer_thread.state
            place = state.line_ctr.char_pos
            state.line_ctr.feed(folded[place : place + 1])


def _rows_bracket(brackets: Iterable[Bracket]) -> Bracket | None:
    """Return the outermost function over rows: MIN and MAX inside another work row by row."""
    over = [one for one in brackets if one.over_rows or one.function in _EITHER]
    sure = next((one for one in over if one.function not in _EITHER), None)
    return sure or next((one for one in reversed(over) if one.rows), None)


def _brackets(tokens: tuple[Token, ...]) -> list[Bracket]:
    """Follow brackets, commas and clauses up to the caret."""
    open_: list[Bracket] = []
    for place, token in enumerate(tokens):
        top = open_[-1] if open_ else None
        match token.type:
            case "LPAR":
                open_.append(_opened(tokens[:place], token))
            case "RPAR" if top is not None:
                open_.pop()
            case "COMMA" if top is not None:
                top.argument, top.clause = top.argument + 1, Clause.VALUE
            case "WHERE" if top is not None:
                top.clause = Clause.TO_WHERE if top.clause is Clause.TO else Clause.WHERE
                top.where = int(token.end_pos or 0)
            case "ON" | "TO" | "WITHIN" if top is not None:
                top.clause = Clause(token.type.lower())
            case "NAME":
                _note_rows(open_, str(token).casefold())
    return open_


def _opened(before: tuple[Token, ...], token: Token) -> Bracket:
    start = int(token.end_pos or 0)
    last = before[-1] if before else None
    if last is not None and last.type == "NAME":
        return Bracket(str(last).upper(), start)
    if last is not None and last.type == "IN":
        operand = before[:-2] if len(before) > 1 and before[-2].type == "NOT" else before[:-1]
        return Bracket("IN", start, column=_column(operand))
    return Bracket("", start)


def _note_rows(brackets: list[Bracket], name: str) -> None:
    rows = "stage_reached" if name == "reached" else name
    if rows not in ROW_SETS:
        return
    over = [one for one in brackets if stands(one.function, Group.OVER_ROWS)]
    bracket = next((one for one in over if one.function not in _EITHER), over[-1] if over else None)
    if bracket is None or bracket.argument > 0:
        return
    if bracket.clause is Clause.VALUE:
        bracket.rows = bracket.rows or rows
    elif bracket.clause is Clause.TO:
        bracket.target = bracket.target or rows


def _column(tokens: tuple[Token, ...]) -> ColumnAt | None:
    """Return the column that the tokens end with."""
    if not tokens:
        return None
    last, before = tokens[-1], tokens[:-1]
    if last.type == "BRACKET" and before and before[-1].type == "NAME":
        return ColumnAt(str(before[-1]).casefold(), str(last)[1:-1].strip().casefold())
    if last.type != "NAME":
        return None
    if len(before) > 1 and before[-1].type == "DOT":
        head = str(before[-2]).casefold() if before[-2].type == "NAME" else "stage_reached"
        return ColumnAt(head, str(last).casefold())
    return ColumnAt("", str(last).casefold())
