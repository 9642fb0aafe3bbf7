"""``python -m duckmark``."""

from duckmark.cli import main

main()
