"""Completion: what can be typed at the caret, and help with the function around it (semantics 3.7).

The parser says whether a name, an operator or a keyword fits, the brackets around the caret which names: KPIs and functions at
the start, row sets as the first thing in a function over rows, columns after a row set and in a condition, values in quotes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kpidesk.formula import words
from kpidesk.formula.check import Scope
from kpidesk.formula.columns import COLUMNS
from kpidesk.formula.completion import Completion, Data, Help, Kind, NoData, Signature
from kpidesk.formula.cursor import Bracket, Clause, ColumnAt, Cursor, Spot, cursor
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.functions import CONDITIONAL, FUNCTIONS, Function, Group
from kpidesk.formula.nodes import Span
from kpidesk.formula.rows import linked
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, RowSet
from kpidesk.formula.syntax import MAX_LENGTH

_MOST_VALUES = 50
_SUMMING = (
    "SUM",
    "AVERAGE",
    "MEDIAN",
    "MIN",
    "MAX",
    "STDEV",
    "PERCENTILE",
    "SUMIFS",
    "AVERAGEIFS",
    "SUMIF",
    "AVERAGEIF",
)
_CUSTOM = "A column of your files that feeds no field of KPIDesk."
_NUMBERS = (ColumnType.MONEY, ColumnType.NUMBER, ColumnType.DURATION)
_OF_DATES = ("DAYS", "NETWORKDAYS", "HOURS", "YEAR", "MONTH", "WEEKDAY")


def complete(text: str, position: int, scope: Scope, data: Data | None = None, own: str | None = None) -> Help:
    """Return what can be typed at `position`, whatever else is wrong with the text.

    `own` is the id of the KPI that the text defines: neither it nor what is calculated from it is offered.
    """
    if len(text) > MAX_LENGTH:
        return Help()
    place = cursor(text, max(0, min(position, len(text))))
    if place.spot is Spot.NOTHING:
        return Help()
    offers = _Offers(text, place, scope, data or NoData(), own)
    found = [(rank, one) for one in offers.all() if (rank := _rank(place.typed, one)) is not None]
    return Help(tuple(one for _, one in sorted(found, key=lambda pair: pair[0])), _signature(place))


def _rank(typed: str, one: Completion) -> int | None:
    """Return how well what was typed fits: 0 a beginning, 1 the beginning of a word, 2 anything inside; None not at all."""
    wanted, label = _folded(typed), _folded(one.label)
    if label.startswith(wanted):
        return 0
    if f" {wanted}" in label:
        return 1
    return 2 if wanted in label else None


def _folded(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _signature(place: Cursor) -> Signature | None:
    bracket = next((one for one in reversed(place.brackets) if one.function in FUNCTIONS), None)
    if bracket is None:
        return None
    function = FUNCTIONS[bracket.function]
    parameters = tuple(function.takes.split(", "))
    active = min(bracket.argument, len(parameters) - 1)
    return Signature(function.name, parameters, active, function.summary, function.example)


@dataclass(frozen=True, slots=True)
class _Offers:
    """What fits at one place, before what was typed narrows it."""

    text: str
    place: Cursor
    scope: Scope
    data: Data
    own: str | None

    def all(self) -> Iterator[Completion]:
        place = self.place
        last = place.tokens[-1].type if place.tokens else ""
        if place.spot is Spot.TEXT:
            yield from self._values()
        elif place.spot is Spot.NAME:
            yield from self._bracketed()
        elif last == "DOT":
            yield from self._columns(self._before_dot())
        elif "NAME" in place.accepts:
            yield from self._operands()
            yield from self._run_of_words(place.tokens[-1:])
        else:
            yield from self._run_of_words(place.tokens[-1:])
            yield from words.after(place)

    # --- names

    def _operands(self) -> Iterator[Completion]:
        """Offer what a value can begin with."""
        place = self.place
        inner, over, only = place.inner, place.rows_bracket, place.only
        if inner is not None and inner.function == "REACHED":
            yield from self._values()
        elif over is not None:
            yield from self._in_rows(over)
        elif only is not None:
            yield from self._values()
            yield from self._conditions(self._only_columns(only))
        elif inner is not None and inner.argument > 0 and inner.function in (*words.COUNTED, "ROUND"):
            return  # a number follows
        else:
            if inner is not None and inner.function in ("MIN", "MAX") and inner.argument == 0:
                yield from self._row_sets()
            yield from self._results()

    def _in_rows(self, over: Bracket) -> Iterator[Completion]:
        """Offer what stands in a function over rows."""
        yield from self._values()
        match over.clause:
            case Clause.ON:
                yield from self._anchors(over.rows)
            case Clause.TO:
                source = ROW_SETS.get(over.rows)
                yield from self._row_sets(lambda rows: source is None or linked(source, rows))
            case Clause.WITHIN:
                return
            case Clause.WHERE:
                yield from self._conditions(self._columns(over.rows))
            case Clause.TO_WHERE:
                yield from self._conditions(self._columns(over.target))
            case Clause.VALUE if over.argument > 0:
                if over.function in CONDITIONAL:
                    yield from self._conditions(self._columns(over.rows))
                elif over.function in ("MIN", "MAX"):
                    yield from self._columns(over.rows)
            case Clause.VALUE if not over.rows:
                converted = over.function == "CONVERSION"
                yield from self._row_sets(lambda rows: not (converted and rows.stock))
                if over.function not in ("COUNT", "SHARE", "CONVERSION", "COUNTIFS", "COUNTIF"):
                    yield from self._functions(Group.IN_ROWS)
            case Clause.VALUE:
                yield from self._columns(over.rows)
                yield from self._functions(Group.IN_ROWS)
                yield from self._row_sets(lambda rows: rows.name == over.rows)

    def _results(self) -> Iterator[Completion]:
        """Offer what has one value per period: KPIs, functions and constants."""
        for kpi in self.scope.kpis.values():
            if not self._circular(kpi.id):
                yield self._kpi(kpi.id, self.place.span)
        yield from self._functions(Group.OVER_ROWS, Group.OVER_RESULTS, Group.TIME)
        yield from words.constants(self.place)
        yield from words.before(self.place)

    def _circular(self, kpi_id: str) -> bool:
        return self.own is not None and self.own in self.scope.reached_from(kpi_id)

    def _kpi(self, kpi_id: str, span: Span) -> Completion:
        kpi = self.scope.kpis[kpi_id]
        checked = self.scope.known(kpi_id)
        written = kpi.id if "[" in kpi.name or "]" in kpi.name else kpi.name
        unit = "" if checked is None else checked.unit.name
        formula = self.scope.formula(kpi_id)
        return Completion(f"[{written}]", span, kpi.name, Kind.KPI, unit, kpi.question or formula, formula)

    def _run_of_words(self, last: Sequence[object]) -> Iterator[Completion]:
        """Offer the KPIs whose name the words before the caret begin: “Win ra” is meant as [Win rate]."""
        place = self.place
        if not place.typed or not last or place.rows_bracket is not None or place.tokens[-1].type != "NAME":
            return
        begun = list(place.tokens)
        run: list[str] = [place.typed]
        start = place.span[0]
        while begun and begun[-1].type == "NAME" and not self.text[int(begun[-1].end_pos or 0) : start].strip():
            token = begun.pop()
            run.insert(0, str(token))
            start = int(token.start_pos or 0)
        phrase = _folded(" ".join(run))
        for kpi in self.scope.kpis.values():
            if _folded(kpi.name).startswith(phrase) and not self._circular(kpi.id):
                yield self._kpi(kpi.id, (start, place.span[1]))

    def _bracketed(self) -> Iterator[Completion]:
        """Offer what stands in [ ]: columns after a row set, else KPIs."""
        before = self.place.tokens[-1] if self.place.tokens else None
        rows = str(before).casefold() if before is not None and before.type == "NAME" else ""
        if rows in ROW_SETS:
            yield from self._columns(rows, "[{}]")
        elif self.place.rows_bracket is None and self.place.only is None:
            for kpi in self.scope.kpis.values():
                if not self._circular(kpi.id):
                    yield self._kpi(kpi.id, self.place.span)

    def _functions(self, *groups: Group) -> Iterator[Completion]:
        called = self.text.startswith("(", self.place.span[1])
        for function in FUNCTIONS.values():
            if any(group in function.groups for group in groups):
                yield _function(function, self.place.span, called=called)

    # --- rows and columns

    def _row_sets(self, fits: Callable[[RowSet], bool] = lambda _: True) -> Iterator[Completion]:
        for rows in ROW_SETS.values():
            if fits(rows):
                example = f"SUM({rows.name}.amount)" if rows.entity == "targets" else f"COUNT({rows.name})"
                example = "COUNT(deals ON created)" if rows.must_choose else example
                yield Completion(rows.name, self.place.span, rows.name, Kind.ROWS, "rows", rows.summary, example)
        if fits(ROW_SETS["stage_reached"]):
            example = 'COUNT(reached("Demo"))'
            summary = "Deals on the day they first reached or passed one stage."
            yield Completion('reached("', self.place.span, "reached", Kind.ROWS, "rows", summary, example)

    def _anchors(self, rows: str) -> Iterator[Completion]:
        known = ROW_SETS.get(rows)
        for name in known.anchors if known is not None and known.must_choose else ():
            yield self._column(rows, name, ColumnType.DATE)

    def _before_dot(self) -> str:
        before = self.place.tokens[-2] if len(self.place.tokens) > 1 else None
        if before is None:
            return ""
        return str(before).casefold() if before.type == "NAME" else "stage_reached" if before.type == "RPAR" else ""

    def _columns(self, rows: str, form: str = "{}") -> Iterator[Completion]:
        """Offer the columns of a row set, those that the function around the caret can use first."""
        known = self.scope.row_sets.get(rows)
        found = [] if known is None else list(known.columns.items())
        fitting = self._fitting()
        for name, kind in sorted(found, key=lambda item: fitting is not None and item[1] not in fitting):
            yield self._column(rows, name, kind, form)

    def _fitting(self) -> tuple[ColumnType, ...] | None:
        inner = self.place.inner
        if inner is None or inner.clause is not Clause.VALUE:
            return None
        if inner.function in _OF_DATES:
            return (ColumnType.DATE,)
        return _NUMBERS if inner.function in _SUMMING and inner.argument == 0 else None

    def _column(self, rows: str, name: str, kind: ColumnType, form: str = "{}") -> Completion:
        return Completion(
            form.format(name),
            self.place.span,
            name,
            Kind.COLUMN,
            kind.value,
            COLUMNS.get(name, _CUSTOM),
            _example(rows, name, kind),
            self.data.source(rows, name),
            self.data.filled(rows, name),
        )

    def _conditions(self, columns: Iterable[Completion]) -> Iterator[Completion]:
        """Offer what a test can begin with."""
        yield from columns
        yield from self._functions(Group.IN_ROWS)
        yield from words.before(self.place)

    def _only_columns(self, only: Bracket) -> Iterator[Completion]:
        """Offer the columns that all rows in ONLY share."""
        for name, kind in self._shared(only)[0].items():
            yield self._column("", name, kind)

    def _shared(self, only: Bracket) -> tuple[dict[str, ColumnType], tuple[str, ...]]:
        operand = self.text[only.start : only.where].rstrip()[: -len("WHERE")]
        try:
            node = self.scope.check(operand).node
        except FormulaError:
            return {}, ()
        return dict(self.scope.columns(node)), tuple(sorted(self.scope.rowsets(node)))

    # --- values

    def _compared(self) -> ColumnAt | None:
        """Return the column whose values are meant at the caret."""
        place = self.place
        if place.brackets and place.brackets[-1].function == "IN":
            return place.brackets[-1].column
        last = place.tokens[-1].type if place.tokens else ""
        return place.column_before(1) if last in ("COMPARE", "CONTAINS") else None

    def _values(self) -> Iterator[Completion]:
        """Offer the texts that occur in the column, in quotes. The quotes around the caret are replaced with them."""
        for value in self._known_values():
            quoted = '"' + value.replace('"', '""') + '"'
            yield Completion(quoted, self.place.span, value, Kind.VALUE, "text")

    def _known_values(self) -> Sequence[str]:
        inner = self.place.inner
        if inner is not None and inner.function == "REACHED":
            found = [("stage_reached", "stage")]
        else:
            column = self._compared()
            if column is None:
                return ()
            found = [(rows, column.name) for rows in ([column.rows] if column.rows else self._rows_here())]
        texts = dict.fromkeys(
            value
            for rows, name in found
            if rows in ROW_SETS and self.scope.row_sets[rows].columns.get(name) is ColumnType.TEXT
            for value in self.data.values(rows, name)
        )
        wanted = _folded(self.place.typed)
        return [value for value in texts if wanted in _folded(value)][:_MOST_VALUES]

    def _rows_here(self) -> tuple[str, ...]:
        over, only = self.place.rows_bracket, self.place.only
        if over is not None:
            return (over.target if over.clause is Clause.TO_WHERE else over.rows,)
        return self._shared(only)[1] if only is not None else ()


def _example(rows: str, column: str, kind: ColumnType) -> str:
    known = ROW_SETS.get(rows)
    if known is None:
        return ""
    if known.entity == "targets":
        return f"SUM({rows}.amount WHERE {column} IS NOT BLANK)"
    on = f" ON {known.anchors[0]}" if known.must_choose else ""
    return f"AVERAGE({rows}.{column}{on})" if kind in _NUMBERS else f"COUNT({rows} WHERE {column} IS NOT BLANK{on})"


def _function(function: Function, span: Span, *, called: bool) -> Completion:
    where = " or ".join(function.groups)
    text = function.name if called else f"{function.name}("
    return Completion(text, span, function.name, Kind.FUNCTION, where, function.summary, function.example)
