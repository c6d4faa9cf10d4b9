"""The public names of the package, pinned: adding or losing one is a decision, not an accident."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import ballast
from ballast.show.chart import Chart

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


@pytest.mark.parametrize("name", [*PUBLIC, "Chart", "ballast"])
def test_every_public_name_shows_an_example_that_runs(name, tmp_path, monkeypatch):
    """In a folder of its own, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    thing = {"Chart": Chart, "ballast": ballast}.get(name) or getattr(ballast, name)
    examples = doctest.DocTestParser().get_doctest(thing.__doc__, {}, name, None, 0)
    assert examples.examples, "no example"
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples, out=said.append)
    assert "".join(said) == ""


def test_no_module_has_a_public_name():
    """Python binds a module to its package once it is imported: it would take the place of the function."""
    modules = {found.name for found in pkgutil.iter_modules(ballast.__path__)}
    assert modules >= {"answer", "economy", "propagate"}
    assert modules.isdisjoint(PUBLIC)


def test_tab_offers_the_public_names_and_nothing_that_happens_to_be_loaded():
    importlib.import_module("ballast.economy")
    assert [name for name in dir(ballast) if not name.startswith("__")] == PUBLIC


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(ballast, "respnd")


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, ballast; print([m for m in sys.modules if m.startswith(('ballast.', 'numpy'))])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
