"""The screens. Views do not know each other; the window knows them by name."""
