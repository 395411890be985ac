"""Results in, what to show out: texts, shapes and numbers that screen and Excel share. Knows neither Qt nor openpyxl."""
