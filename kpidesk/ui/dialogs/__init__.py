"""Windows that open over the main one: help, shortcuts, about, errors."""
