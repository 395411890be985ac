"""A file in, typed rows and problems out. Touches no database."""
