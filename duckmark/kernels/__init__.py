"""Pure functions of numpy arrays: no DuckDB, no Arrow, no input or output."""
