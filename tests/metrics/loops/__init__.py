"""Every shipped KPI once more, in plain loops over rows: slow, and written from the semantics without a look at the engine."""
