"""The problems of a file, worst first, each with its fix in place."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from kpidesk.domain.entity import ENTITIES, entity
from kpidesk.domain.importing import Choices, DateOrder, Preview, StageValue
from kpidesk.domain.problem import Problem, Severity
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.views.import_steps import choosing
from kpidesk.ui.views.import_steps.marks import MARKS, Mark, ValueChip
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.panels import PanelHead

_CHIPS = 4
_STAGES_ASKED = 3
_ORDERS = {
    DateOrder.DMY: "Day first",
    DateOrder.MDY: "Month first",
    DateOrder.YMD: "Year first",
    DateOrder.BY_MARK: "Each separator in its own order",
}


def unknown_stages(preview: Preview) -> tuple[StageValue, ...]:
    """Return the stages that neither the user, earlier imports nor their words explain."""
    return tuple(stage for stage in preview.stages if not stage.known)


class ProblemsPanel(Card):
    """`chosen` carries new Choices; `show_values` asks for the step where stages are set."""

    chosen = Signal(object)
    show_values = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 0, 4, 8)
        page.setSpacing(0)
        self.tally = Label("", role="small", tone="text2")
        head = PanelHead("Problems", self.tally)
        head.setContentsMargins(0, 0, 12, 0)
        page.addWidget(head)
        body = QWidget()
        self._list = QVBoxLayout(body)
        self._list.setContentsMargins(0, 0, 12, 0)
        self._list.setSpacing(14)
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        scroll.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        page.addWidget(scroll, 1)
        self._shown: tuple[object, ...] | None = None

    def show_preview(self, preview: Preview, choices: Choices) -> None:
        """List the problems; an unchanged list is left alone, so that typing and focus survive."""
        self._preview, self._choices = preview, choices
        unknown = unknown_stages(preview)
        self.tally.setText(choosing.tally(preview.problems, unknown_stages=_stage_items(unknown)))
        state = (preview.problems, unknown, preview.entity, preview.date_evidence)
        if state == self._shown:
            return
        self._shown = state
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        worst = [problem for problem in preview.problems if problem.severity >= Severity.HELD]
        listed = choosing.asked(preview.problems, unknown_stages=len(unknown))
        check = [problem for problem in listed if problem.severity is Severity.CHECK]
        rest = [problem for problem in preview.problems if problem.severity is Severity.INFO]
        items = [self._problem(problem) for problem in worst]
        items += self._stages(unknown)
        items += [self._problem(problem) for problem in check]
        if preview.date_order is not None and preview.date_evidence:
            items.append(self._dates(preview))
        items += [self._problem(problem) for problem in rest]
        if not items:
            items.append(_item("good", "No problems found", "Every row can be read.")[0])
        for one in items:
            self._list.addWidget(Divider())
            self._list.addWidget(one)
        self._list.addStretch(1)

    # --- one problem

    def _problem(self, problem: Problem) -> QWidget:
        title, text = choosing.split_message(problem.message)
        where = choosing.places(problem) if problem.severity >= Severity.HELD else ""
        item, column = _item(MARKS[problem.severity], title, f"{where}. {text}" if where and text else text or where)
        field = choosing.bad_field(problem)
        if field is not None and problem.values:
            self._fix_unreadable(column, field, problem.values)
        elif problem.code.startswith("date-order"):
            self._fix_dates(column, problem)
        elif problem.code.startswith("number-style") or problem.code == "thousands":
            self._fix_decimal(column, problem)
        elif problem.code.startswith(choosing.ALIKE):
            self._fix_alike(column, problem)
        elif problem.code == "placeholder-amount":
            self._fix_placeholder(column, problem.values)
        elif problem.code == "value-periods":
            self._fix_periods(column, problem.options)
        elif problem.code == "duplicate-id" and problem.severity is Severity.BLOCKING:
            self._fix_ids(column, problem.values)
        elif problem.code == "value-units":
            self._fix_units(column, problem)
        elif problem.code == "missing-field":
            self._fix_missing(column, problem.values)
        elif problem.code == "not-recognised":
            self._fix_entity(column)
        elif problem.code in ("no-outcome", "unclear-stage", "unclear-status"):
            button = Button("Set stages", compact=True)
            button.clicked.connect(self.show_values)
            _add_row(column, button)
        return item

    def _fix_unreadable(self, column: QVBoxLayout, field: str, values: Sequence[str]) -> None:
        _add_row(column, *(ValueChip(value) for value in values[:_CHIPS]))
        blank = Button("Treat as blank", compact=True)
        blank.clicked.connect(
            lambda: self.chosen.emit(choosing.with_values(self._choices, field, dict.fromkeys(values, "")))
        )
        edit = Button("Edit values", compact=True)
        _add_row(column, blank, edit)
        editor = QWidget()
        rows = QVBoxLayout(editor)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        fields: dict[str, QLineEdit] = {}
        for value in values:
            box = QLineEdit()
            box.setPlaceholderText("Read as")
            box.setAccessibleName(f"Read {value} as")
            fields[value] = box
            line = QHBoxLayout()
            line.addWidget(ValueChip(value))
            line.addWidget(box, 1)
            rows.addLayout(line)
        use = Button("Use these values", compact=True)

        def apply() -> None:
            texts = {value: box.text().strip() for value, box in fields.items() if box.text().strip()}
            if texts:
                self.chosen.emit(choosing.with_values(self._choices, field, texts))

        use.clicked.connect(apply)
        rows.addWidget(use)
        editor.hide()
        edit.clicked.connect(lambda: editor.setVisible(editor.isHidden()))
        column.addWidget(editor)

    def _fix_dates(self, column: QVBoxLayout, problem: Problem) -> None:
        buttons = []
        for option in problem.options:
            order = DateOrder(option)
            example = choosing.date_example(problem.values[0], order) if problem.values else ""
            button = Button(f"{_ORDERS[order]}: {example}" if example else _ORDERS[order], compact=True)
            button.clicked.connect(lambda _=False, order=order: self._set_dates(order))
            buttons.append(button)
        for button in buttons:
            _add_row(column, button)

    def _set_dates(self, order: DateOrder) -> None:
        self.chosen.emit(replace(self._choices, date_order=order))

    def _fix_decimal(self, column: QVBoxLayout, problem: Problem) -> None:
        for option in problem.options:
            example = choosing.number_example(problem.values[0], option) if problem.values else ""
            words = "Decimal point" if option == "." else "Decimal comma"
            button = Button(f"{words}: {example}" if example else words, compact=True)
            button.clicked.connect(
                lambda _=False, option=option: self.chosen.emit(replace(self._choices, decimal=option))
            )
            _add_row(column, button)

    def _fix_alike(self, column: QVBoxLayout, problem: Problem) -> None:
        field = problem.code.removeprefix(choosing.ALIKE)
        for spelling, into in list(zip(problem.values, problem.options, strict=True))[:_CHIPS]:
            merge = Button(f"Merge into “{into}”")
            merge.clicked.connect(
                lambda _=False, one=spelling, into=into: self.chosen.emit(
                    choosing.with_values(self._choices, field, {one: into})
                )
            )
            apart = Button("Keep apart", "link")
            apart.clicked.connect(
                lambda _=False, one=spelling: self.chosen.emit(choosing.kept(self._choices, field, one))
            )
            _add_row(column, ValueChip(spelling), merge, apart)

    def _fix_placeholder(self, column: QVBoxLayout, values: Sequence[str]) -> None:
        blank = Button("Treat as blank")
        blank.clicked.connect(
            lambda: self.chosen.emit(choosing.with_values(self._choices, "amount", dict.fromkeys(values, "")))
        )
        keep = Button("Keep them", "link")
        keep.clicked.connect(lambda: self.chosen.emit(choosing.kept(self._choices, "amount", *values)))
        _add_row(column, blank, keep)

    def _fix_periods(self, column: QVBoxLayout, readings: Sequence[str]) -> None:
        buttons = []
        for reading in readings:
            button = Button(f"Count a {reading} of each")
            button.clicked.connect(
                lambda _=False, reading=reading: self.chosen.emit(choosing.with_period(self._choices, reading))
            )
            buttons.append(button)
        _add_row(column, *buttons)

    def _fix_ids(self, column: QVBoxLayout, headers: Sequence[str]) -> None:
        key = entity(self._preview.entity).key[0]
        buttons = []
        for words, field in (("Keep every row", None), ("Keep the last of each id", key)):
            button = Button(words, compact=True)
            button.clicked.connect(
                lambda _=False, field=field: self.chosen.emit(
                    choosing.with_field(self._preview, self._choices, headers[0], field)
                )
            )
            buttons.append(button)
        _add_row(column, *buttons)

    def _fix_units(self, column: QVBoxLayout, problem: Problem) -> None:
        for unit in problem.options:
            words = "Cents" if unit == "cents" else "Whole amounts"
            example = choosing.unit_example(problem.values[0], unit)
            button = Button(f"{words}: {problem.values[0]} is {example}", compact=True)
            button.clicked.connect(lambda _=False, unit=unit: self.chosen.emit(choosing.with_unit(self._choices, unit)))
            _add_row(column, button)

    def _fix_missing(self, column: QVBoxLayout, labels: Sequence[str]) -> None:
        names = choosing.fields_by_label(entity(self._preview.entity))
        headers = tuple((match.column, match.column) for match in self._preview.matches)
        for label in labels:
            choice = Choice(f"Column for {label}")
            choice.offer((("", f"Choose a column for {label}"), *headers), "")
            choice.activated.connect(lambda _, choice=choice, label=label: self._match(choice.key, names[label]))
            _add_row(column, choice)

    def _match(self, header: str, field: str) -> None:
        if header:
            self.chosen.emit(choosing.with_field(self._preview, self._choices, header, field))

    def _fix_entity(self, column: QVBoxLayout) -> None:
        choice = Choice("What the rows are")
        choice.offer((("", "Choose what the rows are"), *((one.name, one.label) for one in ENTITIES)), "")
        choice.activated.connect(
            lambda _: self.chosen.emit(choosing.with_entity(self._choices, choice.key)) if choice.key else None
        )
        _add_row(column, choice)

    # --- stages and dates

    def _stages(self, unknown: Sequence[StageValue]) -> list[QWidget]:
        if len(unknown) > _STAGES_ASKED:
            title = f"{len(unknown):,} stages are read as open"
            item, column = _item("warn", title, "Say which of them are won or lost, if any.")
            button = Button("Check stages", compact=True)
            button.clicked.connect(self.show_values)
            _add_row(column, button)
            return [item]
        known = tuple((stage.stage, stage.stage) for stage in self._preview.stages if stage.known)
        items = []
        for stage in unknown:
            rows = choosing.one_of(self._preview.entity, stage.rows)
            text = f"{stage.rows:,} {rows} {'uses' if stage.rows == 1 else 'use'} it. Which stage is it?"
            item, column = _item("warn", f"“{stage.stage}” is a new stage", text)
            choice = Choice(f"What {stage.stage} means")
            choice.offer((*choosing.STATUS_WORDS, *known), stage.status or "open")
            choice.set_state("warn")
            choice.setMinimumWidth(scaled(168))
            apply = Button("Apply", compact=True)
            apply.clicked.connect(
                lambda _=False, stage=stage.stage, choice=choice: self.chosen.emit(
                    choosing.with_stage(self._choices, stage, choice.key)
                )
            )
            _add_row(column, choice, apply)
            items.append(item)
        return items

    def _dates(self, preview: Preview) -> QWidget:
        order = preview.date_order or DateOrder.DMY
        item, column = _item("none", f"Dates read as {_ORDERS[order].lower()}", preview.date_evidence)
        other = DateOrder.MDY if order is DateOrder.DMY else DateOrder.DMY
        change = Button(f"Read as {_ORDERS[other].lower()}", "link")
        change.clicked.connect(lambda: self._set_dates(other))
        _add_row(column, change)
        return item


def _stage_items(unknown: Sequence[StageValue]) -> int:
    return 1 if len(unknown) > _STAGES_ASKED else len(unknown)


def _item(mark: str, title: str, text: str) -> tuple[QWidget, QVBoxLayout]:
    item = QWidget()
    line = QHBoxLayout(item)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(10)
    shape = QVBoxLayout()
    shape.setContentsMargins(0, 2, 0, 0)
    shape.addWidget(Mark(mark, 14))
    shape.addStretch(1)
    line.addLayout(shape)
    column = QVBoxLayout()
    column.setSpacing(2)
    quiet = mark == "none"
    column.addWidget(Label(title, role="bodym" if quiet else "strong", tone="text2" if quiet else "text", wrap=True))
    if text:
        column.addWidget(Label(text, role="small", tone="text3" if quiet else "text2", wrap=True))
    line.addLayout(column, 1)
    return item, column


def _add_row(column: QVBoxLayout, *parts: QWidget) -> None:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.setContentsMargins(0, 4, 0, 0)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    column.addLayout(row)
