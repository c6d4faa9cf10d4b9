"""The published models: ARIO, Pichler et al., Inoue and Todo, as one daily step with rules that are data.

models      a model on one economy: start, go on, record; what it cannot see
reference   the step in NumPy on dense tables, and a model's rules
system      a network and a model as flat arrays
kernels     the step compiled: nodes
markets     the step compiled: markets, in blocks
"""

from ballast.propagate.published.models import (
    DEFAULT,
    NAMES,
    PAPERS,
    RATED,
    build,
    choose,
    facts,
    in_ruins,
    initial,
    left_out,
    note,
    refuse,
    run_days,
    title,
    without,
)
from ballast.propagate.published.reference import Damage, Model

__all__ = [
    "DEFAULT",
    "NAMES",
    "PAPERS",
    "RATED",
    "Damage",
    "Model",
    "build",
    "choose",
    "facts",
    "in_ruins",
    "initial",
    "left_out",
    "note",
    "refuse",
    "run_days",
    "title",
    "without",
]
