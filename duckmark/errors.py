"""Everything duckmark raises or warns of that its user can mend. Each message says what to do next."""

from __future__ import annotations

import re


class DuckmarkError(Exception):
    """Base of all errors below: catch it to catch them all."""


class SourceError(DuckmarkError):
    """A source of events, products or users cannot be read: missing, malformed, empty, or not what it claims."""


class EmptySourceError(SourceError):
    """A source can be read and holds no rows."""


class MappingError(DuckmarkError):
    """A source has no column for something duckmark needs, or a mapping names a column that is not there."""


class EventKindError(DuckmarkError):
    """The events hold a kind that has no weight."""


class DatabaseError(DuckmarkError):
    """The DuckDB file cannot be opened: locked by another process, corrupt, or not built by duckmark."""

    @classmethod
    def opening(cls, path: object, error: Exception) -> DatabaseError:
        """What DuckDB said on opening ``path``, with what to do about it."""
        said = str(error)
        if "file handle conflict" in said:
            return cls(f"{path}: this process has it open for writing; close it and try again")
        if "Could not set lock" in said:
            holder = re.search(r"PID (\d+)", said)
            who = f"process {holder[1]}" if holder else "another process"
            return cls(f"{path}: {who} has it open; close it there and try again")
        # The last is what DuckDB says of a CSV, JSON or Parquet file.
        unread = ("not a valid duckdb", "corrupt", "version number", "launch in-memory database")
        if any(words in said.lower() for words in unread):
            return cls.unread(path)
        return cls(f"{path}: cannot be opened as a DuckDB file: {said.splitlines()[0]}")

    @classmethod
    def unread(cls, path: object) -> DatabaseError:
        """That ``path`` is something else than a DuckDB file."""
        return cls(f"{path}: not a DuckDB file that this version can read; give another path or move it away")

    @classmethod
    def writing(cls, path: object, reason: str) -> DatabaseError:
        """Why nothing can be written into the directory of ``path``."""
        return cls(f"{path}: cannot write beside it: {reason}; mend that, or give another path")


class NameTakenError(DuckmarkError):
    """The file already holds an object of the user's under a name that duckmark publishes."""


class PipelineError(DuckmarkError):
    """A .sql file of the pipeline is wrong; the message begins with file and line."""


class PublishError(DuckmarkError):
    """The finished side file did not pass its check, so the old file was left as it was."""


class ModelMissingError(DuckmarkError):
    """A function needs a model that this database does not hold."""


class ConfigError(DuckmarkError):
    """A setting on the command line or in `duckmark.toml` is unknown or malformed."""


class EvaluationError(DuckmarkError):
    """The file holds too little to measure its recommendations on."""


class SlowBlasWarning(UserWarning):
    """numpy's OpenBLAS takes the processor for an older one and uses half of its width."""

    @classmethod
    def taken_for(cls, core_type: str, setting: str) -> SlowBlasWarning:
        """What OpenBLAS takes the processor for, and what to set."""
        return cls(
            f"OpenBLAS takes this processor for {core_type} and leaves its AVX-512 idle, which makes vector "
            f"searches take about twice as long: set {setting} in the environment before Python starts"
        )
