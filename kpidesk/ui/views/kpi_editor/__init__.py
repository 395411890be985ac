"""The parts of the page on which KPIs are defined."""
