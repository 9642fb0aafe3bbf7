"""A stage's own SQL, for databases that hold no more than it reads."""

from importlib.resources import files


def statement(name: str, stage: str = "3_recommend") -> str:
    """What makes the relation or macro ``name``."""
    return files("duckmark.sql").joinpath(f"{stage}/{name}.sql").read_text(encoding="utf-8")
