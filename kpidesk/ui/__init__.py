"""All Qt: the window, its views and its widgets."""
