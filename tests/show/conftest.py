"""The teaching book, one run of it and one answer; made once."""

from __future__ import annotations

import pytest

from ballast.answer import respond
from ballast.economy import Economy, book
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.response import Response
from ballast.scenario import load


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")  # whatever terminal the tests are run from


@pytest.fixture(scope="session")
def economy() -> Economy:
    return book.load("teaching")


@pytest.fixture(scope="session")
def run(economy: Economy) -> Run:
    return simulate(economy, load("vehicle-parts"))


@pytest.fixture(scope="session")
def answer(economy: Economy) -> Response:
    return respond("vehicle-parts", book=economy, draws=4, relief=2)
