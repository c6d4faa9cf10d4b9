"""Books that many tests read; loaded once a session."""

from __future__ import annotations

import pytest

from ballast.economy import Economy, book


@pytest.fixture(scope="session")
def teaching() -> Economy:
    return book.load("teaching")


@pytest.fixture(scope="session")
def china() -> Economy:
    return book.load("china-2020")
