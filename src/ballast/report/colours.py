"""One diverging scale for tiles, heat maps, Word and Excel: orange is a loss, blue a gain.

The steps are uneven because deviations are: most are a few percent and some are sixty. Lightness falls
steadily from the middle outward, so the order survives grey print; the printed sign tells the two
sides apart there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LIMITS = (0.5, 2.0, 5.0, 10.0, 20.0, 40.0)  # percent, absolute
LOSS = ("fcead6", "fbd3a8", "f5b06c", "e8893a", "b5530c", "7d3303")
GAIN = ("e0ecf6", "c0d9ee", "92bce0", "5c9bcf", "256ca9", "0f4679")
NEUTRAL = "f6f6f4"
MISSING = "ffffff"

INK = "#1a1c1f"
SOFT = "#5b6168"
RULE = "#d5d8dc"
NOTHING = "#b04a00"
NOTHING_FILL = "#f4b984"
PLAN = "#14599c"
PLAN_FILL = "#8fbbe2"
RANGE = "#e3e6e3"


def step(value: float | None) -> int:
    """-6..6: how far out, negative for a loss; 0 is about nothing."""
    if value is None or not math.isfinite(value):
        return 0
    size = sum(abs(value) >= limit for limit in LIMITS)
    return -size if value < 0 else size


def fill(value: float | None) -> str:
    """Six hex digits without the hash, as Word and Excel want them."""
    if value is None or not math.isfinite(value):
        return MISSING
    place = step(value)
    return NEUTRAL if place == 0 else LOSS[-place - 1] if place < 0 else GAIN[place - 1]


def ink(value: float | None) -> str:
    """Text that can be read on `fill`."""
    return "ffffff" if abs(step(value)) >= 5 else "1a1c1f"


def css_class(value: float | None) -> str:
    """The class of `fill` and `ink` on a page."""
    return f"c{fill(value)}"


def css() -> str:
    """The rules of all those classes: a page that forbids styles inside tags needs them."""
    steps = [math.copysign(v, sign) for sign in (-1, 1) for v in (0.0, *LIMITS)]
    rules = {css_class(v): f"background:#{fill(v)};color:#{ink(v)}" for v in (None, *steps)}
    return "".join(f".{name}{{{rule}}}\n" for name, rule in rules.items())


def legend(values: Sequence[float]) -> list[tuple[str, float]]:
    """(hex, a value inside the step) from the largest loss to the largest gain that occurs."""
    low, high = min(map(step, values), default=0), max(map(step, values), default=0)
    edges = (0.0, *LIMITS)
    return [
        (fill(math.copysign(edges[abs(p)], p) if p else 0.0), math.copysign(edges[abs(p)], p))
        for p in range(min(low, 0), max(high, 0) + 1)
    ]
