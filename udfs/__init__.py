"""The SQL functions, one a file: file, function and SQL name agree. Arrow in, Arrow out."""
