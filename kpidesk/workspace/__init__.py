"""The one door to a workspace: open, import, undo, define, query, show, export."""

from kpidesk.workspace.importing import PendingImport
from kpidesk.workspace.sample import open_sample
from kpidesk.workspace.workspace import Workspace

__all__ = ["PendingImport", "Workspace", "open_sample"]
