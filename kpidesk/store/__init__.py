"""The workspace file: the only place that knows SQL."""

from kpidesk.store.origins import Origins
from kpidesk.store.store import Store

__all__ = ["Origins", "Store"]
