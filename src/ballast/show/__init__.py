"""An economy, a scenario, a run and an answer as Python shows them: text, tables, arrays, pictures.

    text(thing), html(thing)   one screen of it (`repr`, and a notebook's table)
    frame(thing, what)         a table of it as pandas
    dataset(thing)             all its figures as xarray
    plots(thing)               its pictures, each a Chart

The classes reach these through `ballast.shown`; nothing else of the house knows this room.

    card       what one screen says: a title and rows, as text and as HTML
    frames     pandas and xarray, with labels and units
    chart      Chart: drawings put together under a title, shown and saved
    chains     the drawing of a chain: boxes from the root to what stopped
    pictures   which pictures there are of what
    words      what all of these say, in both languages
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["dataset", "frame", "html", "plots", "text"]


def text(thing: Any) -> str:
    """The thing on one screen, folded to the terminal if that is narrower than a screen."""
    import sys

    from ballast import terminal
    from ballast.show import card

    columns = min(card.COLUMNS, terminal.width(sys.stdout) or card.COLUMNS)
    return card.text(card.of(thing, terminal.language()), columns)


def html(thing: Any) -> str:
    """The same as a table of HTML, with the path below where there is one."""
    from ballast import terminal
    from ballast.errors import InputError
    from ballast.show import card

    table = card.html(card.of(thing, terminal.language()))
    if not hasattr(thing, "plot") or not hasattr(thing.plot, "path"):
        return table
    try:
        return table + str(thing.plot.path()._repr_html_())
    except InputError:  # nothing was run yet, or nothing of it is a number
        return table


def frame(thing: Any, what: str = "") -> pd.DataFrame:
    """A table of the thing by name, the first without one."""
    from ballast.show import frames

    return frames.frame(thing, what)


def dataset(thing: Any) -> xr.Dataset:
    """All figures of the thing."""
    from ballast.show import frames

    return frames.dataset(thing)


def plots(thing: Any) -> Any:
    """The pictures of the thing."""
    from ballast.show import pictures

    return pictures.of(thing)
