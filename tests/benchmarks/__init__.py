"""Speed, held against pandas, Polars, DuckDB, SQLite and the csv module doing the same work in the same run."""
