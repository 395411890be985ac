"""How many windows and conditions a formula is calculated in: each costs a look at the rows.

KPIs are calculated once in each. A chain of KPIs that each look at the next one in two ways would look at the last in 2^40.
"""

from collections.abc import Callable, Mapping

from kpidesk.formula.nodes import All, Call, KpiRef, Node, Only, Window, WindowName, WindowUnit, below
from kpidesk.formula.proportion import shape

View = tuple[object, ...]
Views = Mapping[View, None]

MAX_VIEWS = 400
_BEFORE = (WindowName.PREVIOUS, 1, WindowUnit.PERIOD)


def views(node: Node, of: Callable[[str], Views]) -> Views:
    """Return the views in which the rows below a node are looked at: what moves the window or picks rows, outermost first.

    `of` gives those of a KPI. It stops one after MAX_VIEWS.
    """
    found: dict[View, None] = {}
    waiting: list[tuple[Node, View]] = [(node, ())]
    while waiting and len(found) <= MAX_VIEWS:
        part, view = waiting.pop()
        match part:
            case KpiRef():
                found.update(((*view, *inner), None) for inner in of(part.kpi))
                continue
            case Window():
                view = (*view, (part.name, part.count, part.unit))
            case Only():
                waiting.append((part.operand, (*view, shape(part.where))))
                found[view] = None
                continue
            case All():
                view = (*view, All)
            case Call() if part.function == "GROWTH":
                waiting.append((part.arguments[0], (*view, _BEFORE)))
        found[view] = None
        waiting.extend((one, view) for one in below(part))
    return found
