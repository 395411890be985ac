"""What became of a deal, from statuses, stages and flags, and what the user is asked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import Severity
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.outcome import STATUSES, decided
from kpidesk.ingest.readers import read_table


def read(
    tmp_path: Path, head: str, rows: list[str], choices: Choices | None = None, known: dict[str, str] | None = None
) -> Interpretation:
    path = tmp_path / "deals.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings(), known_stages=known)


def statuses(found: Interpretation) -> list[str]:
    assert found.batch is not None, found.preview.blocking
    column = found.batch.frame.text("status")
    return [column.values[code] for code in column.codes]


def codes(found: Interpretation) -> set[str]:
    return {problem.code for problem in found.preview.problems}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Closed Won", "won"),
        ("closedwon", "won"),
        ("Won 🎉", "won"),
        ("CLOSED - WON", "won"),
        ("Deal won (renewal)", "won"),
        ("Gewonnen", "won"),
        ("Closed Lost to Competition", "lost"),
        ("closedlost", "lost"),
        ("Lost", "lost"),
        ("Abandoned", "lost"),
        ("Disqualified", "lost"),
        ("Perdu", "lost"),
        ("Not won yet", None),
        ("Wonderful offer", None),
        ("Negotiation", None),
        ("Almost won", None),
        ("", None),
    ],
)
def test_words_of_an_outcome(text: str, expected: str | None) -> None:
    assert decided(text) == expected


def test_a_status_beside_the_stage_decides_and_the_stage_of_death_stays(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Deal ID,Stage,Status,Amount,Close Date",
        ["1,Demo,Lost,5,2026-02-03", "2,Closed Won,Open,5,2026-09-03", "3,Closed Won,,5,2026-02-03"],
    )
    assert statuses(found) == ["lost", "open", "won"]
    assert found.batch is not None
    stages = found.batch.frame.text("stage")
    assert stages.values[stages.codes[0]] == "Demo"


def test_a_status_column_with_stages_in_it_is_the_stage(tmp_path: Path) -> None:
    found = read(
        tmp_path, "Deal ID,Status,Amount,Close Date", ["1,Proposal,5,2026-09-03", "2,Won,5,2026-02-03", "3,Lost,,"]
    )
    assert statuses(found) == ["open", "won", "lost"]
    assert {stage.stage for stage in found.preview.stages} == {"Proposal", "Won", "Lost"}


def test_flags_decide_where_stages_have_names_of_their_own(tmp_path: Path) -> None:
    head = "Opportunity ID,Stage,Amount,Close Date,Closed,Won"
    found = read(
        tmp_path,
        head,
        ["1,Paper signed,5,2026-02-03,1,1", "2,Wrong fit,5,2026-02-04,1,0", "3,Talking,5,2026-09-04,0,0"],
    )
    assert statuses(found) == ["won", "lost", "open"]
    assert {match.column: match.field for match in found.preview.matches}["Close Date"] == "closed"


def test_one_flag_alone_does_not_decide(tmp_path: Path) -> None:
    found = read(
        tmp_path, "Opportunity ID,Stage,Amount,Close Date,Won", ["1,Closed Lost,5,2026-02-03,0", "2,Demo,5,,0"]
    )
    assert statuses(found) == ["lost", "open"]


def test_a_stage_that_sounds_decided_is_open_and_asked_about(tmp_path: Path) -> None:
    rows = [
        "1,Contract signed,5,2026-02-03",
        "2,Won,5,2026-02-03",
        "3,Lost,5,2026-02-03",
        "4,Contract sent,5,2026-09-03",
    ]
    head = "Deal ID,Stage,Amount,Close Date"
    found = read(tmp_path, head, rows)
    assert statuses(found) == ["open", "won", "lost", "open"]
    asked = [problem for problem in found.preview.problems if problem.code == "unclear-stage"]
    assert [(problem.severity, problem.count, problem.values) for problem in asked] == [
        (Severity.CHECK, 1, ("Contract signed",))
    ]
    assert {stage.stage: stage.known for stage in found.preview.stages} == {
        "Contract signed": False,
        "Won": True,
        "Lost": True,
        "Contract sent": True,
    }
    told = read(tmp_path, head, rows, Choices(stage_status={" contract SIGNED": "won"}))
    assert statuses(told)[0] == "won"
    assert "unclear-stage" not in codes(told)
    learnt = read(tmp_path, head, rows, known={"Contract signed": "lost"})
    assert statuses(learnt)[0] == "lost"


def test_no_question_about_a_stage_where_a_status_answers(tmp_path: Path) -> None:
    found = read(tmp_path, "Deal ID,Stage,Status,Amount", ["1,Contract signed,Won,5", "2,Demo,Lost,5"])
    assert codes(found) == set()


def test_a_status_of_no_known_word_is_open_and_asked_about(tmp_path: Path) -> None:
    head, rows = "Deal ID,Stage,Status,Amount", ["1,Demo,Parked,5", "2,Demo,Won,5", "3,Demo,Lost,5"]
    found = read(tmp_path, head, rows)
    assert statuses(found) == ["open", "won", "lost"]
    assert "unclear-status" in codes(found)
    told = read(tmp_path, head, rows, Choices(values={("status", "Parked"): "lost"}))
    assert statuses(told) == ["lost", "won", "lost"]
    assert "unclear-status" not in codes(told)


def test_a_file_whose_stages_decide_nothing_says_so(tmp_path: Path) -> None:
    head = "Deal ID,Stage,Amount,Close Date"
    assert "no-outcome" in codes(read(tmp_path, head, ["1,Alpha,5,2026-02-03", "2,Beta,5,2026-02-03"]))
    assert "no-status" in codes(read(tmp_path, "Deal ID,Deal Name,Amount,Close Date", ["1,A,5,2026-02-03"]))


def test_only_wins_in_a_file_are_suspicious(tmp_path: Path) -> None:
    assert "no-lost" in codes(read(tmp_path, "Deal ID,Stage,Amount,Close Date", ["1,Won,5,2026-02-03"]))


def test_an_expected_close_is_the_close_of_a_decided_deal_where_there_is_no_other(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Deal ID,Stage,Amount,Expected Close Date",
        ["1,Won,5,2026-02-03", "2,Lost,5,2026-02-04", "3,Demo,5,2026-09-03"],
    )
    assert found.batch is not None
    closed, expected = (
        found.batch.frame.time(name).days.astype("datetime64[D]").astype(str) for name in ("closed", "expected_close")
    )
    assert list(closed[:2]) == ["2026-02-03", "2026-02-04"]
    assert expected[2] == "2026-09-03"
    assert found.batch.frame.time("closed").days[2] < 0
    assert "only-expected-close" in codes(found)


@given(st.text(max_size=30))
def test_any_text_is_won_lost_or_neither(text: str) -> None:
    assert decided(text) in (None, *STATUSES[1:])
    assert decided(f"  {text.upper()}  ") == decided(text.upper())
