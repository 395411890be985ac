"""What a workspace knows beyond its newest import: what changed, when, and which open deals newer files lack."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from kpidesk.domain.absence import Absence, Answer, Answered, Missing, MissingDeal
from kpidesk.domain.change import Change
from kpidesk.domain.finding import Finding, Status
from kpidesk.domain.ledger import Entry
from kpidesk.domain.problem import QueryError
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.frame import BLANK_DAY, Frame, NumberColumn, Sighting, TextColumn, TimeColumn
from kpidesk.metrics.ledger import changes, pushes
from kpidesk.metrics.missing import lacking
from kpidesk.metrics.observed import FIELDS, GONE, LOST, Observed, Removal, gone_since, lost_since, observe, with_lost
from kpidesk.metrics.stage_order import stage_order
from kpidesk.metrics.table import folded
from kpidesk.present.numbers import plural
from kpidesk.store import Store
from kpidesk.workspace.span import day_of

_Rows = npt.NDArray[np.int64]


def check_movement(first: date, last: date, by: str | None) -> None:
    """Refuse days that are swapped, and a dimension that deals have not, with a QueryError."""
    if last < first:
        raise QueryError(f"The last day {last} lies before the first day {first}. Swap them.")
    dimensions = ROW_SETS["open_deals"].dimensions
    if by is not None and by not in dimensions:
        raise QueryError(f"Deals have no {by}. The pipeline can be split by {', '.join(sorted(dimensions))}.")


class History:
    """The snapshots of a workspace's deals, read when asked for and kept until a write. `deals` gives the current frame."""

    def __init__(self, store: Store, deals: Callable[[], Frame], clock: Callable[[], datetime]) -> None:
        self._store, self._deals, self._clock = store, deals, clock
        self._kept: tuple[int, tuple[Sighting, ...], Observed | None] | None = None

    def observed(self) -> Observed | None:
        """Return what snapshots show of the deals, None without any."""
        return self._read()[1]

    def repeated(self) -> Observed | None:
        """Return the same where there is more than one import of deals; a single one is not read again for it."""
        known = [one for one in self._store.batches() if one.entity == "deals" and one.undone_at is None]
        return self.observed() if len(known) > 1 else None

    def stage_order(self, met: tuple[str, ...]) -> tuple[str, ...]:
        """Return the stages `met` in imports in the order in which deals moved through them, as far as snapshots show it.

        A stage history has told the order of `met` already.
        """
        seen = None if self._store.counts()["stage_history"] else self.repeated()
        return met if seen is None else stage_order(seen, met)

    def entries(self, stages: tuple[str, ...], deal: str | None = None) -> tuple[Entry, ...]:
        """Return the ledger, oldest change first, of one deal when its id is given; QueryError when no deal has it."""
        row = None if deal is None else self._row(deal)
        seen = self.observed()
        if seen is None:
            return ()
        found = changes(seen, stages)
        if row is not None:
            found = found.of(found.deal == row)
        return tuple(found.entries(self._texts("deal_id", found.deal), self._texts("name", found.deal)))

    def pushes(self) -> tuple[tuple[str, str, int], ...]:
        """Return the deals whose close date was pushed: id, name, how often; most often first."""
        seen = self.observed()
        if seen is None:
            return ()
        counts = pushes(seen, self._deals().rows)
        rows = np.flatnonzero(counts)
        rows = rows[np.argsort(-counts[rows], kind="stable")]
        return tuple(zip(self._texts("deal_id", rows), self._texts("name", rows), counts[rows].tolist(), strict=True))

    def as_answered(
        self, deals: Frame, keys: npt.NDArray[np.object_] | None = None, shown: Collection[str] = ()
    ) -> Frame:
        """Return deals with those lost of which the user said so; `deals` are the current ones of the store.

        Others have their `keys`; those `shown` again are what their file says.
        """
        if not any(one.answer is Answer.LOST for one in self._store.absences()):
            return deals
        sightings, seen = self._read()
        if seen is None:
            return deals
        rows, days = lost_since(seen, self._removals(sightings))
        if keys is not None:
            known = self._store.keys("deals")[rows]
            places = {key: place for place, key in enumerate(keys.tolist())}
            kept = [place for place, key in enumerate(known.tolist()) if key not in shown and key in places]
            rows, days = np.array([places[known[place]] for place in kept], dtype=np.int64), days[kept]
        return with_lost(deals, rows, days) if len(rows) else deals

    def gone(self, day: int) -> npt.NDArray[np.bool_] | None:
        """Return which current deals are deleted in the CRM by a day, None when no deal is."""
        if not any(one.answer in (Answer.DELETED, Answer.MERGED) for one in self._store.absences()):
            return None
        seen, rows = self.observed(), self._deals().rows
        return None if seen is None else gone_since(seen, rows) <= day

    # --- deals that newer files lack

    def missing(self) -> tuple[Missing, ...]:
        """Return what to ask about open deals that newer files lack, oldest file first."""
        if self.repeated() is None:
            return ()
        sightings = self._read()[0]
        infos = {one.id: one for one in self._store.batches()}
        days = {one.batch: one.day for one in sightings}
        return tuple(
            Missing(
                one.batch,
                infos[one.batch].file_name,
                day_of(days[one.batch]),
                one.known,
                one.shown,
                self._described(one.rows, one.seen),
            )
            for one in lacking(sightings, self._deals().rows, self._answers(), self._held())
        )

    def answers(self) -> tuple[Absence, ...]:
        """Return the answers given so far that stand."""
        return self._store.absences()

    def answered(self) -> tuple[Answered, ...]:
        """Return the answers that stand by what was said together, newest first."""
        infos = {one.id: one for one in self._store.batches()}
        places = {key: row for row, key in enumerate(self._store.keys("deals").tolist())}
        together: dict[tuple[int, Answer, datetime], list[Absence]] = {}
        for one in self._store.absences():
            together.setdefault((one.batch, one.answer, one.answered_at), []).append(one)
        found = []
        for (batch, answer, at), said in reversed(together.items()):
            rows = np.array([places[one.key] for one in said if one.key in places], dtype=np.int64)
            names = tuple(
                name or known
                for name, known in zip(self._texts("name", rows), self._texts("deal_id", rows), strict=True)
            )
            found.append(Answered(tuple(one.id for one in said), batch, infos[batch].file_name, answer, names, at))
        return tuple(found)

    def answer(self, batch: int, answer: Answer, deals: Sequence[str] = ()) -> tuple[int, ...]:
        """Say what became of deals that an import lacks, by id; without any, of all that it is asked about. Returns the ids of the answers.

        QueryError when nothing is asked about that import, or not about one of the deals.
        """
        rows = {folded(one.deal_id): one.row for one in self._asked(batch).deals}
        unknown = [deal for deal in deals if folded(deal) not in rows]
        if unknown:
            raise QueryError(f"Import {batch} is not asked about deal {unknown[0]}. Nothing was changed.")
        return self.answer_rows(batch, answer, [rows[folded(deal)] for deal in deals])

    def answer_rows(self, batch: int, answer: Answer, rows: Sequence[int] = ()) -> tuple[int, ...]:
        """Say the same of deals by their rows, as `missing` gives them; deals need not have an id."""
        asked = {one.row for one in self._asked(batch).deals}
        if not asked.issuperset(rows):
            raise QueryError("One of these deals is no longer asked about. Nothing was changed.")
        # What is left out of a filtered export is not known by name: the answer is for the import.
        whole = not rows and answer is Answer.FILTERED
        keys = None if whole else self._store.keys("deals")[list(rows) or sorted(asked)].tolist()
        return self._store.answer_absence(batch, keys, answer, answered_at=self._clock())

    def _asked(self, batch: int) -> Missing:
        asked = next((one for one in self.missing() if one.batch == batch), None)
        if asked is None:
            raise QueryError(
                f"Nothing is asked about import {batch}. Nothing was changed. `kpidesk missing` lists what is."
            )
        return asked

    def take_back(self, *numbers: int) -> Change:
        """Take answers back; WorkspaceError when one of them does not stand."""
        return self._store.take_back_answers(numbers, undone_at=self._clock())

    def findings(self, money: Callable[[float], str]) -> tuple[Finding, ...]:
        """Return the questions as lines of the attention list."""
        found = []
        for one in self.missing():
            worth = sum(deal.value or 0.0 for deal in one.deals)
            number = len(one.deals)
            title = f"{plural(number, 'open deal')} {'is' if number == 1 else 'are'} not in {one.file_name}"
            title += f", {money(worth)}" if worth else ""
            reason = f"{one.reason}. Counted as open until you say what became of {'it' if number == 1 else 'them'}"
            found.append(
                Finding("missing-deals", Status.WARN, title, reason, "Answer", "imports", f"missing/{one.batch}", worth)
            )
        return tuple(found)

    # --- inside

    def _read(self) -> tuple[tuple[Sighting, ...], Observed | None]:
        revision = self._store.rows_revision("deals")
        if self._kept is None or self._kept[0] != revision:
            sightings = self._store.sightings("deals", FIELDS)
            self._kept = (revision, sightings, None)
            self._kept = (revision, sightings, observe(sightings, self._removals(sightings)))
        return self._kept[1], self._kept[2]

    def _held(self) -> dict[int, _Rows]:
        """Return by import the deals whose ids stand in its held rows, under the header that names most of them."""
        ids = self._deals().columns.get("deal_id")
        batches = [one.id for one in self._store.batches() if one.entity == "deals" and one.effect.held]
        if not isinstance(ids, TextColumn) or not batches:
            return {}
        codes = {value: code for code, value in enumerate(ids.values)}
        found = {}
        for batch in batches:
            named: dict[str, set[int]] = {}
            for row in self._store.held(batch):
                for header, cell in row.cells.items():
                    if (code := codes.get(cell.strip())) is not None:
                        named.setdefault(header, set()).add(code)
            if named:
                most = max(named, key=lambda header: len(named[header]))
                found[batch] = np.flatnonzero(np.isin(ids.codes, list(named[most])))
        return found

    def _removals(self, sightings: Sequence[Sighting]) -> tuple[Removal, ...]:
        answers = self._answers()
        return tuple(
            Removal(row, batch, LOST if answer is Answer.LOST else GONE)
            for batch, told in answers.items()
            for row, answer in told.items()
            if row is not None and answer.ends and any(one.batch == batch for one in sightings)
        )

    def _answers(self) -> dict[int, dict[int | None, Answer]]:
        found: dict[int, dict[int | None, Answer]] = {}
        told = self._store.absences()
        if not told:
            return found
        places = {key: row for row, key in enumerate(self._store.keys("deals").tolist())}
        for one in told:
            row = None if one.key is None else places.get(one.key)
            if one.key is None or row is not None:
                found.setdefault(one.batch, {})[row] = one.answer
        return found

    def _row(self, deal: str) -> int:
        column = self._deals().columns.get("deal_id")
        if isinstance(column, TextColumn):
            codes = [code for code, value in enumerate(column.values) if folded(value) == folded(deal)]
            rows = np.flatnonzero(np.isin(column.codes, codes))
            if rows.size:
                return int(rows[0])
        raise QueryError(f"There is no deal with the id “{deal}”.")

    def _texts(self, field: str, rows: _Rows) -> list[str]:
        column = self._deals().columns.get(field)
        if not isinstance(column, TextColumn):
            return [""] * len(rows)
        texts: list[str] = np.array([*column.values, ""], dtype=object)[
            column.codes[rows]
        ].tolist()  # BLANK_CODE is the last
        return texts

    def _described(self, rows: _Rows, seen: npt.NDArray[np.int32]) -> tuple[MissingDeal, ...]:
        columns = self._deals().columns
        amount, expected = columns.get("amount"), columns.get("expected_close")
        values = amount.values[rows] if isinstance(amount, NumberColumn) else np.full(len(rows), np.nan)
        days = expected.days[rows] if isinstance(expected, TimeColumn) else np.full(len(rows), BLANK_DAY)
        ids, names, stages, owners, currencies = (
            self._texts(field, rows) for field in ("deal_id", "name", "stage", "owner", "currency")
        )
        amounts = [None if np.isnan(value) else float(value) for value in values]
        closes = [None if day == BLANK_DAY else day_of(int(day)) for day in days]
        last = [day_of(int(day)) for day in seen]
        cells = zip(rows.tolist(), ids, names, stages, owners, amounts, currencies, closes, last, strict=True)
        return tuple(MissingDeal(*one) for one in cells)
