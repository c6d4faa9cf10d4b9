"""One file a built-in book: how its tables are derived.

report       BuildReport: residuals before and after, cells moved most, what is estimated
teaching     3 regions x 4 sectors by hand, every sum in its docstring
china_2020   31 provinces x 42 sectors of 2020 from public tables in a folder the user names; its parts:
    china_names, china_read, china_make, china_use, china_trade, china_evidence, china_account
    china_held_out  how well the same step predicted 2017 from 2012
"""

from __future__ import annotations

import os
from pathlib import Path

from ballast.economy.builders.report import BuildReport
from ballast.economy.economy import Economy
from ballast.errors import BookError, nearest

__all__ = ["BuildReport", "build", "names"]


def names() -> list[str]:
    """The books that can be built."""
    return ["china-2020", "teaching"]


def build(name: str, folder: str | os.PathLike[str] | None = None) -> tuple[Economy, BuildReport]:
    """Build a book by name from the folder that holds its source tables (none for "teaching")."""
    if name == "teaching":
        from ballast.economy.builders.teaching import build as build_teaching

        return build_teaching()
    if name == "china-2020":
        from ballast.economy.builders.china_2020 import build as build_china

        if folder is None:
            raise BookError("book china-2020 is built from source tables. Name their folder (--from DIR).")
        return build_china(Path(folder))
    like = nearest(name, names()) or names()
    raise BookError(f"no builder for a book {name!r}. Did you mean {' or '.join(like)}?")
