"""Names and values written into SQL text, always quoted."""

import re
from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def literals(values: Iterable[str]) -> str:
    """Strings as a SQL list of literals."""
    return "[" + ", ".join(literal(value) for value in values) + "]"


def written(value: str) -> str:
    """SQL for what is written in a value, NULL where that is nothing."""
    return f"nullif(trim(CAST({value} AS VARCHAR)), '')"


def loose(name: str) -> str:
    """A name without case and punctuation: how column names are compared (`Clothing ID` is `clothingid`)."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def typed(sql: str) -> str:
    """An expression as one types it within the double quotes of a shell: names that need none have no quotes."""
    return re.sub(r'(?<!")"([^\W\d]\w*)"(?!")', r"\1", sql).replace('"', '\\"')
