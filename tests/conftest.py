"""What every test starts from."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest loads readline, which leaves COLUMNS behind: every line would be folded at eighty."""
    monkeypatch.delenv("COLUMNS", raising=False)
