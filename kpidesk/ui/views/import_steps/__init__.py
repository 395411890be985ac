"""The parts of the import wizard: one module for each step and panel."""
