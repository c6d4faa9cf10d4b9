"""The one hook through which the rooms below show themselves: `class Run(Shown)`.

What a reader sees (text, tables, pictures) is made in `ballast.show`, which stands above all that it shows.
It is looked up by name when somebody asks, as `ballast/__init__.py` does: showing costs nothing until then,
and no room below imports one above. This is the only file but that one which may do so.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Printed:
    """On one screen in a notebook, in IPython, at a plain prompt and by `print`."""

    def __str__(self) -> str:
        """The object on one screen: at most 25 lines of 100 columns, or of the terminal's where it is
        narrower, in the language of the terminal.
        """
        return str(_show().text(self))

    def __repr__(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The same for IPython, which says how far in it stands, as inside a list."""
        for i, line in enumerate(str(self).split("\n")):
            if i:
                printer.break_()
            printer.text(line)

    def _repr_html_(self) -> str:
        """The same as a table, for a notebook; of a Run and a Response with its path."""
        return str(_show().html(self))


class _OnDemand:
    """A property to all but IPython, which completes nothing behind a real one: it would have to run it."""

    def __init__(self, made: Callable[[Any], Any]) -> None:
        self._made, self.__doc__ = made, made.__doc__

    def __get__(self, thing: Any, kind: type | None = None) -> Any:
        return self if thing is None else self._made(thing)

    def __set__(self, thing: Any, value: object) -> None:
        raise AttributeError("it cannot be set")


class Shown(Printed):
    """What an Economy, a Run and a Response can do in a notebook or at a prompt."""

    def to_pandas(self, what: str = "") -> pd.DataFrame:
        """One table of it, by name; its `attrs` hold the units. Without a name the first:

        Economy    nodes, regions, sectors, inputs, links, final
        Run        level, output, capacity, demand, limit, stock, unmet_use, limited_by, unmet_final
        Response   path, monthly, by_month, by_region, by_sector, stops, blockages, relief, curve,
                   landings, cases, evidence

        Raises InputError for a name that is none of these, and for what a light run did not keep.
        """
        found: pd.DataFrame = _show().frame(self, what)
        return found

    def to_xarray(self) -> xr.Dataset:
        """All its figures with named coordinates (day or month, node, region, sector); units in `attrs`."""
        found: xr.Dataset = _show().dataset(self)
        return found

    @_OnDemand
    def plot(self) -> Any:
        """Its pictures, as far as it has them: `.path()`, `.map()`, `.chain()`, `.relief()`, `.landing()`.

        Each gives a `show.chart.Chart`, which shows itself in a notebook and has `.save(file)`.
        """
        return _show().plots(self)


def _show() -> Any:
    return import_module("ballast.show")
