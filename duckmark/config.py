"""Settings of a build from `duckmark.toml` and the command line."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from duckmark.errors import ConfigError
from duckmark.options import OPTIONS

DEFAULT = Path("duckmark.toml")
ROLES = ("events", "products", "users")


def build_arguments(config: Path | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``duckmark.build``: what the command line says goes before what the file says.

    Raises ConfigError where a setting is unknown or of the wrong kind, or no events are named.
    """
    settings = read(config)
    arguments = {role: given[role] or settings["sources"].get(role) for role in ROLES}
    if not arguments["events"]:
        raise ConfigError("no events: give --events SOURCE, or [events] source = ... in duckmark.toml")
    options = {**settings["options"], **({"evaluate": False} if given["no_evaluate"] else {})}
    return {
        **arguments,
        "mapping": {**settings["mapping"], **mapped(given["mapping"])},
        "weights": {**settings["weights"], **_numbers(pairs(given["weights"], "--weight"))},
        "sql": given["sql"],
        "options": options,
        "keep_models": given["keep_models"],
        "tune": given["tune"],
        "memory": given["memory"],
    }


def checked_options(options: Mapping[str, Any], where: str = "options") -> dict[str, Any]:
    """The ``options`` of the models as a dict.

    Raises ConfigError, beginning with ``where`` they stand, on one that is unknown or cannot have its value.
    """
    for name, value in options.items():
        _known(where, name, tuple(OPTIONS), "option")
        problem = OPTIONS[name].problem(value)
        if problem:
            raise ConfigError(f"{where}: option {name}: expected {problem}, found {value!r}")
    return dict(options)


def mapped(texts: Iterable[str]) -> dict[str, str]:
    """The mapping of ``--map`` texts. Raises ConfigError where one has no ``=``, or two are of one target."""
    found = pairs(texts, "--map")
    for target in found:
        if f"events.{target}" in found:  # which a bare target means
            raise ConfigError(f"--map: {target} and events.{target} are one; give one of them")
    return found


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` texts as a dict. Raises ConfigError where one has no ``=``, or two have one name."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise ConfigError(f"{option} {text}: expected NAME=VALUE")
        if name.strip() in found:
            raise ConfigError(f"{option} {text}: {name.strip()} is given twice; give it once")
        found[name.strip()] = value.strip()
    return found


def read(path: Path | None) -> dict[str, dict[str, Any]]:
    """The settings file as sources, mapping, weights and options; empty where there is none.

    Raises ConfigError naming the file and the setting.
    """
    empty: dict[str, dict[str, Any]] = {"sources": {}, "mapping": {}, "weights": {}, "options": {}}
    if path is None and not DEFAULT.is_file():
        return empty
    path = path or DEFAULT
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    for section, values in content.items():
        _known(path, section, (*ROLES, "weights", "options"), "section")
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {section} is a section: write [{section}] on a line of its own")
    for role in ROLES:
        _read_role(path, role, content.get(role, {}), empty)
    empty["weights"] = _numbers(content.get("weights", {}))
    empty["options"] = checked_options(content.get("options", {}), str(path))
    return empty


def _read_role(path: Path, role: str, section: Mapping[str, Any], settings: dict[str, dict[str, Any]]) -> None:
    for name, value in section.items():
        _known(path, name, ("source", "map"), f"setting in [{role}]")
        expected = {"source": str, "map": dict}[name]
        if not isinstance(value, expected):
            kind = {str: "a text", dict: "a table of TARGET = SQL"}[expected]
            raise ConfigError(f"{path}: {name} in [{role}]: expected {kind}, found {value!r}")
        if name == "source":
            settings["sources"][role] = value
        else:
            settings["mapping"] |= {f"{role}.{target}": str(expression) for target, expression in value.items()}


def _numbers(weights: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {(last := kind): float(weight) for kind, weight in weights.items()}
    except (TypeError, ValueError):
        raise ConfigError(f"the weight of {last} is a number of stars, not {weights[last]!r}") from None


def _known(where: Path | str, name: str, names: tuple[str, ...], what: str) -> None:
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(names)}"
        raise ConfigError(f"{where}: unknown {what} {name}{hint}")
