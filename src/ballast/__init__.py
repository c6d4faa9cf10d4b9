"""Ballast: keep an industrial economy steady when something stops.

    respond(scenario, ...)  ->  Response     the main job; predict(...) gives its monthly table alone
    load_book(name or folder)  ->  Economy   save_book(economy, folder)
    load_scenario(name or file)  ->  Scenario
    simulate(economy, ...)  ->  Run          one path, day by day

    BallastError, InputError   what all of these raise

Each prints itself on one screen. Economy, Run and Response become tables (`.to_pandas()`), arrays
(`.to_xarray()`) and pictures (`.plot.map()`):

    >>> import ballast
    >>> answer = ballast.respond("vehicle-parts", draws=2, relief=1)
    >>> answer.economy.name, [b.title.en for b in answer.blockages[:2]]
    ('teaching', ['Coast, Parts: back to work', 'Parts for North, Vehicles'])
    >>> answer.plot.chain(1).save("why.svg").name
    'why.svg'

`help(ballast.respond)`, and so for each name above, has an example; docs/python.md has longer ones.
中文：上列每个名称都可用 `help` 查看说明和可运行的示例；中文区域设置下，结果和图表显示中文。

Names are loaded when they are first used, so `import ballast` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = (
    False  # typing is not imported: every millisecond here is one in which Ctrl-C is not heard yet
)
if TYPE_CHECKING:
    from typing import Any

    from ballast.answer import predict as predict
    from ballast.answer import respond as respond
    from ballast.economy import Economy as Economy
    from ballast.economy.book import load as load_book
    from ballast.economy.book import save as save_book
    from ballast.errors import BallastError as BallastError
    from ballast.errors import InputError as InputError
    from ballast.propagate.run import Run as Run
    from ballast.propagate.simulate import simulate as simulate
    from ballast.response import Response as Response
    from ballast.scenario import Scenario as Scenario
    from ballast.scenario import load as load_scenario

__version__ = "0.1.0"

_WHERE = {  # public name -> module, name there
    "BallastError": ("ballast.errors", "BallastError"),
    "Economy": ("ballast.economy", "Economy"),
    "InputError": ("ballast.errors", "InputError"),
    "Response": ("ballast.response", "Response"),
    "Run": ("ballast.propagate.run", "Run"),
    "Scenario": ("ballast.scenario", "Scenario"),
    "load_book": ("ballast.economy.book", "load"),
    "load_scenario": ("ballast.scenario", "load"),
    "predict": ("ballast.answer", "predict"),
    "respond": ("ballast.answer", "respond"),
    "save_book": ("ballast.economy.book", "save"),
    "simulate": ("ballast.propagate.simulate", "simulate"),
}

__all__ = [
    "BallastError",
    "Economy",
    "InputError",
    "Response",
    "Run",
    "Scenario",
    "load_book",
    "load_scenario",
    "predict",
    "respond",
    "save_book",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'ballast' has no attribute {name!r}")
    import importlib

    module, there = _WHERE[name]
    return getattr(importlib.import_module(module), there)


def __dir__() -> list[str]:
    """What Tab offers after `ballast.`: the public names, not the modules that happen to be loaded."""
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
