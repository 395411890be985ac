"""The one door to a workspace: open, import, undo, define, query, show, export."""

from kpidesk.workspace.health import Health
from kpidesk.workspace.importing import PendingImport
from kpidesk.workspace.sample import open_sample, sample_export
from kpidesk.workspace.templates import write_templates
from kpidesk.workspace.workspace import Workspace

__all__ = ["Health", "PendingImport", "Workspace", "open_sample", "sample_export", "write_templates"]
