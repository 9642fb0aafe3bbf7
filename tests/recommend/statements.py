"""The stage's own SQL, for databases that hold no more than it reads."""

from importlib.resources import files


def statement(name: str) -> str:
    """What makes the relation or macro ``name``."""
    return files("duckmark.sql").joinpath(f"3_recommend/{name}.sql").read_text(encoding="utf-8")
