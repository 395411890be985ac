"""Painted widgets: they read tokens at paint time and show values of kpidesk.present."""
