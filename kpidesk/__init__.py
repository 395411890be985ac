"""KPIDesk: the truth about sales for a startup founder, offline, on a laptop."""

__version__ = "0.1.0"
