"""The one door to a workspace: open, import, undo, define, query, export. Thin: it delegates."""
