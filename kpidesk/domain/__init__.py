"""The words of the field: frozen values, no I/O, no clock, standard library only."""
