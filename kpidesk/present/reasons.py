"""Why a value is blank, and what its flags mean, in sentences."""

from kpidesk.domain.entity import entity
from kpidesk.domain.result import Point, Reason

_REASONS = {
    Reason.ZERO_DENOMINATOR: "There is nothing to divide by in this period.",
    Reason.NO_ROWS: "Nothing happened in this period that could be averaged.",
    Reason.NO_TARGET: "There is no target for this period.",
    Reason.NEGATIVE_BASE: "The period before was negative, so growth has no meaning.",
    Reason.BEFORE_DATA: "This is before your data begins.",
    Reason.UNKNOWN_VALUE: "The formula names a value that does not occur in your data.",
    Reason.BLANK: "The rows of this period have no amount.",
}
_FLAGS = {
    "partial_period": "period in progress",
    "immature": "some outcomes are still open",
    "too_few": "too few to judge",
    "small_sample": "small sample",
    "current_amounts": "today's amounts",
    "inferred_stages": "stages dated by your exports",
    "partial_data": "data begins inside the period",
    "restated": "restated since the last import",
}


def reason_sentence(reason: Reason, missing: tuple[str, ...] = ()) -> str:
    """Return the sentence for a blank; `missing` are the entities that were never imported."""
    if reason is Reason.NOT_IMPORTED:
        names = " and ".join(entity(name).label.lower() for name in missing)
        return f"No {names} imported yet." if names else "The column it needs was not imported."
    return _REASONS[reason]


def flag_words(point: Point) -> tuple[str, ...]:
    """Return the flags of a point in words."""
    words = []
    for flag in point.flags:
        name, _, number = flag.partition(":")
        if name == "missing_amount":
            words.append(f"{number} without amount")
        else:
            words.append(_FLAGS.get(name, name.replace("_", " ")))
    return tuple(words)
