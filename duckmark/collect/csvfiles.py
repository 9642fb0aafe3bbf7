"""How one CSV file is written: delimiter, header and column names, read from its first record.

DuckDB's own sniffer is passed over: a ragged row makes it change its mind about the delimiter, where a person
wants to hear the number of that row.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from duckmark.errors import SourceError
from duckmark.sqltext import literal

DELIMITERS = ",;\t|"
NUMBER = re.compile(r"[+-]?[\d.,:/-]*\d[\d.,:/-]*(e[+-]?\d+)?", re.IGNORECASE)
# A day and a clock, or a day with the name of its month.
CLOCK = r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?(\s?[ap]\.?m\.?)?\s*(z|utc|gmt|[+-]\d\d(:?\d\d)?)?"
MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DAY = rf"(\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|\d{{1,2}}[ -]{MONTH}[ ,-]+\d{{2,4}}|{MONTH} \d{{1,2}},? \d{{4}})"
TIME = re.compile(rf"{DAY}(,?[t\s]\s*{CLOCK})?", re.IGNORECASE)
NAME_IT = (
    "Save it as UTF-8, or give a query that names the encoding: "
    "SELECT * FROM read_csv({path}, encoding='{encoding}', all_varchar=true)"
)
CONVERT = "Save it as UTF-8, or convert it, for example with `iconv -f {encoding} -t utf-8`."
WINDOWS = re.compile(rb"[\x80-\x9f]")  # curly quotes, dashes and the euro sign in Windows-1252, unused in Latin-1
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class CsvFile:
    """A CSV file and its dialect; ``columns`` are distinct names, ``column0`` and so on without a header."""

    path: Path
    delimiter: str
    header: bool
    columns: tuple[str, ...]

    def relation(self) -> str:
        """A FROM clause that reads every value as text, so that ids keep their leading zeros."""
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.columns)
        return (
            f"read_csv({literal(glob_escaped(self.path))}, delim={literal(self.delimiter)}, "
            f"quote='\"', escape='\"', header={str(self.header).lower()}, auto_detect=false, "
            f"columns={{{columns}}})"
        )


def read_dialect(path: Path) -> CsvFile:
    """The dialect of a file. Raises SourceError where it is empty or not UTF-8."""
    record, delimiter = _first_record(path)
    if not any(record):
        raise SourceError(f"{path} is empty: it has no header and no rows. Give a file with data.")
    header = not any(NUMBER.fullmatch(cell.strip()) or TIME.fullmatch(cell.strip()) for cell in record)
    names = record if header else [""] * len(record)
    return CsvFile(path, delimiter, header, _distinct(names))


def union(files: list[CsvFile]) -> str:
    """A query over files that may differ in their columns, rows in the order of the files."""
    return " UNION ALL BY NAME ".join(f"SELECT * FROM {file.relation()}" for file in files)


def glob_escaped(path: Path) -> str:
    """A path for a DuckDB reader, which would take `[`, `*` and `?` in it for a pattern."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def not_utf8(path: Path) -> str:
    """What is to be said of a file that is not UTF-8, by what its bytes look like."""
    start, has_nul, is_windows = _looks(path)
    if start == codecs.BOM_UTF16_LE:
        return f"{path} is UTF-16 text. {NAME_IT.format(path=literal(str(path)), encoding='utf-16')}"
    if start == codecs.BOM_UTF16_BE:  # DuckDB would take each pair of bytes for the other way round
        return f"{path} is UTF-16 text. {CONVERT.format(encoding='utf-16')}"
    if has_nul:
        return f"{path} is no text file: it holds NUL bytes. Check the file, or give it the suffix of its format."
    if is_windows:  # DuckDB refuses these bytes as Latin-1
        return f"{path} is not UTF-8 text, perhaps Windows-1252. {CONVERT.format(encoding='cp1252')}"
    return f"{path} is not UTF-8 text. {NAME_IT.format(path=literal(str(path)), encoding='latin-1')}"


def _looks(path: Path) -> tuple[bytes, bool, bool]:
    """The first two bytes, whether there are NUL bytes, and whether some that only Windows-1252 has."""
    start, has_nul, is_windows = b"", False, False
    with suppress(OSError, EOFError, zlib.error), _opener(path)(path, "rb") as file:
        while part := file.read(READ_AT_ONCE):
            start = start or part[:2]
            has_nul = has_nul or b"\0" in part
            is_windows = is_windows or WINDOWS.search(part) is not None
    return start, has_nul, is_windows


def _opener(path: Path) -> Callable[..., IO[Any]]:
    return gzip.open if path.suffix == ".gz" else open


def _first_record(path: Path) -> tuple[list[str], str]:
    try:
        with _opener(path)(path, "rt", encoding="utf-8-sig", newline="") as file:
            line = file.readline()
            delimiter = max(DELIMITERS, key=_unquoted(line).count)
            file.seek(0)
            return next(csv.reader(file, delimiter=delimiter), []), delimiter
    except UnicodeDecodeError:
        raise SourceError(not_utf8(path)) from None
    except (OSError, EOFError, csv.Error) as error:
        raise SourceError(f"{path} cannot be read: {error}. Check the file.") from None


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Column names made distinct without regard to case, the way DuckDB compares them."""
    seen: set[str] = set()
    distinct = []
    for position, name in enumerate(names):
        base = chosen = name.strip() or f"column{position}"
        suffix = 0
        while chosen.casefold() in seen:
            suffix += 1
            chosen = f"{base}_{suffix}"
        seen.add(chosen.casefold())
        distinct.append(chosen)
    return tuple(distinct)
