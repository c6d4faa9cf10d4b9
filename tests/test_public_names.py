"""The public names of the package, pinned: adding or losing one is a decision, not an accident."""

import importlib
import subprocess
import sys
from types import ModuleType

import ballast

PUBLIC = [
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


def test_public_names_are_these_and_exist():
    assert ballast.__all__ == PUBLIC
    assert [name for name in PUBLIC if isinstance(getattr(ballast, name), ModuleType)] == []


def test_a_function_stays_a_function_after_its_module_was_imported():
    module = importlib.import_module("ballast.respond")
    assert ballast.respond is module.respond


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(ballast, "respnd")


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, ballast; print([m for m in sys.modules if m.startswith(('ballast.', 'numpy'))])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
