"""The formula language: text to nodes to checked nodes. Knows nothing of data."""
