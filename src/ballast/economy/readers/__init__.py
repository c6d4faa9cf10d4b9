"""Readers of the tables people have: one file a source, each from files to a `Table`.

    files     files read without trusting them: kinds by their first bytes, sheets, encodings
    cells     cells as numbers
    table     Table, and the steps from a published table to an economy
    nbs ...   the sources

`read(source, path, ...)` gives the economy and the findings. A reader changes no figure; what the steps of
`table` change stands in the economy's history. The economy keeps the findings too, so that a book shows
what was doubtful about its table for as long as it lives.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ballast.economy.checks import unit_findings
from ballast.economy.economy import Economy
from ballast.economy.readers.known import thin_utilities
from ballast.economy.readers.table import Table, economy_of
from ballast.economy.sane import file_fault, year_fault
from ballast.errors import BookError, Finding, nearest, raise_findings
from ballast.text import Text

_HERE = "ballast.economy.readers."
SOURCES: Mapping[str, str] = {
    "nbs": "nbs",
    "nbs-province": "provinces",
    "wiod-2013": "wiod",
    "wiod-2016": "wiod",
    "finland": "finland",
    "bea": "bea",
    "long": "long",
    "exiobase3": "mrio",
    "oecd-icio": "mrio",
    "oecd-iot": "oecd",
    "eora26": "mrio",
    "gloria": "mrio",
    "pymrio-test": "mrio",
}


@dataclass(frozen=True)
class Imported:
    """An economy read from a source, and what was found on the way."""

    economy: Economy
    findings: tuple[Finding, ...]


def titles() -> dict[str, Text]:
    """Every source and what it is."""
    return {name: importlib.import_module(_HERE + module).TITLES[name] for name, module in SOURCES.items()}


def read(source: str, path: Path, *, name: str = "", **options: Any) -> Imported:
    """The economy in `path`, laid out as `source`; options that the source does not know are refused."""
    if source not in SOURCES:
        like = nearest(source, list(SOURCES)) or list(SOURCES)
        raise BookError(f"no source {source!r}. Did you mean {' or '.join(like)}?")
    module = importlib.import_module(_HERE + SOURCES[source])
    given = {k: v for k, v in options.items() if v is not None}
    unknown = sorted(set(given) - set(module.OPTIONS))
    if unknown:
        flags = ", ".join(f"--{k.replace('_', '-')}" for k in unknown)
        has = ", ".join(f"--{k.replace('_', '-')}" for k in module.OPTIONS) or "none"
        raise BookError(f"source {source} does not take {flags}; its options: {has}.")
    if (year := given.get("year")) is not None and (wrong := year_fault(year)):
        raise BookError(f"--year {wrong}. Say the year of the table.")
    if wrong := file_fault(path.name):
        raise BookError(f"{wrong}. Rename the file.")
    table: Table = module.read(path, **({"source": source} if module.MANY else {}), **given)
    table = replace(table, name=name or table.name, findings=(*table.findings, *thin_utilities(table)))
    economy, findings = economy_of(table)
    money = unit_findings(economy, str(path))
    raise_findings(money, BookError)
    kept = tuple(replace(f, where=_without_folder(f.where, path)) for f in findings)
    return Imported(replace(economy, findings=kept), (*findings, *money))


def _without_folder(where: str, path: Path) -> str:
    """A place as the book keeps it: the file's name, not where one machine has it."""
    folder = str(path.parent)
    return where if folder in (".", "/") else where.replace(f"{folder}{os.sep}", "")
