"""Frames and checked formulas in, results out. Vectorised over coded columns; no loop over rows."""
