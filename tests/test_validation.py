"""The validation page keeps its numbers; its arithmetic is right where the answer is known; it can fail."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from ballast.economy import book
from ballast.scenario import load

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import validation  # noqa: E402
import validation_page  # noqa: E402

NUMBERS = json.loads(validation.RESULTS.read_text("utf-8"))
needs_data = pytest.mark.skipif(
    not (validation.DATA / "events" / "events.csv").is_file(),
    reason="no published figures beside this",
)


def test_the_page_and_its_pictures_are_the_numbers() -> None:
    for name, content in validation_page.render(NUMBERS).items():
        found = (ROOT / "docs" / name).read_text("utf-8")
        assert found == content, f"{name}: run python benchmarks/validation.py --page"
        if name.endswith(".svg"):
            assert ET.fromstring(content).tag.endswith("svg")


@needs_data
def test_the_figures_are_the_published_ones() -> None:
    found = validation.targets(validation.DATA)
    assert len(found) == len(NUMBERS["targets"])
    for mine, kept in zip(found, NUMBERS["targets"], strict=True):
        assert (mine.place, mine.sector, mine.period) == (kept["place"], kept["sector"], kept["period"])
        assert mine.published == pytest.approx(kept["published"], abs=1e-4)
        for rule in validation.RULES:
            assert mine.deviation(rule) == pytest.approx(kept["deviation"][rule], abs=1e-4)


@needs_data
def test_targets_by_hand() -> None:
    """National industry, April: -2.9 against (3.5 + 3.8 + 4.3 + 7.5 + 7.5) / 5 = 5.32."""
    found = {t.name: t for t in validation.targets(validation.DATA)}
    china = found["China  2022-04"]
    assert china.without["half year"] == pytest.approx(5.32)
    assert china.deviation() == pytest.approx(100 * (0.971 / 1.0532 - 1))
    assert china.deviation("January-February") == pytest.approx(100 * (0.971 / 1.075 - 1))
    # (0.875 x 4 x 3340.701 - 1286.17) / (3 x 3340.701) - 1
    shanghai = found["Shanghai  2022-04"]
    assert shanghai.without["half year"] == pytest.approx(3.8335, abs=1e-3)
    assert shanghai.deviation() == pytest.approx(100 * (0.385 / 1.038335 - 1), abs=1e-3)


def test_the_numbers_are_the_engine_s() -> None:
    """The default and ARIO at the centre, and the static baselines, run again."""
    e, plot = book.load("china-2020"), load(validation.SCENARIO)
    fields = ("place", "sector", "period", "published", "without", "basis", "source")
    wanted = [validation.Target(**{f: t[f] for f in fields}) for t in NUMBERS["targets"]]
    for name in ("default", "ario"):
        level = validation.run_ensemble(e, plot, ({},), model=name)
        found = validation.deviations(e, plot, level, wanted)[0]
        kept = NUMBERS["predicted"][name]["mid"]
        np.testing.assert_allclose(found, kept, atol=1e-3, err_msg="run python benchmarks/validation.py")
    assert set(NUMBERS["predicted"]) == {
        "default", *validation.MODELS, *validation.BASELINES, validation.DIAGNOSIS,
    }  # fmt: skip
    assert all(v == 0 for v in np.round(NUMBERS["predicted"]["no change"]["mid"], 9))


# ---- arithmetic --------------------------------------------------------------------------------


def test_a_score_by_hand() -> None:
    """Errors 1, 3, 2: mean 2, bias (1 - 3 + 2) / 3 = 0. Signs: the 0.2 is not asked; one of two right."""
    truth, mine = np.array([-5.0, -1.0, 0.2]), np.array([-4.0, -4.0, 2.2])
    found = validation.score(mine, truth, mine - 1.5, mine + 1.5)
    assert found["error"] == pytest.approx(2.0)
    assert found["bias"] == pytest.approx(0.0, abs=1e-12)
    assert found["sign"] == 1.0
    assert found["inside"] == pytest.approx(1 / 3)
    wrong = validation.score(np.array([4.0, -4.0, 2.2]), truth, None, None)
    assert wrong["sign"] == 0.5
    assert wrong["inside"] is None


def test_rank_is_spearman_and_absent_where_nothing_varies() -> None:
    """Ranks 1 2 3 4 against 1 2 4 3: rho = 1 - 6 x 2 / (4 x 15) = 0.8."""
    found = validation.score(np.array([1.0, 2, 3, 4]), np.array([10.0, 20, 40, 30]), None, None)
    assert found["rank"] == pytest.approx(0.8)
    assert validation.score(np.zeros(4), np.array([1.0, 2, 3, 4]), None, None)["rank"] is None


def test_nearer_and_chance_by_hand() -> None:
    """Nearer on 5 of 5: two-sided chance 2 / 32."""
    truth = np.zeros(5)
    found = validation.against(np.ones(5), np.full(5, 2.0), truth)
    assert (found["nearer"], found["further"]) == (5, 0)
    assert found["chance"] == pytest.approx(2 / 32)
    assert validation.against(truth, truth, truth)["chance"] == 1.0


# ---- the page says what the numbers say ------------------------------------------------------------


def changed(default_error: float, inside: float) -> dict:
    """The numbers with the default's error and coverage replaced everywhere."""
    numbers = deepcopy(NUMBERS)
    for groups in numbers["scores"].values():
        for scores in groups.values():
            scores["default"] |= {"error": default_error, "inside": inside}
    return numbers


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_loss_and_a_win_are_both_told(lang) -> None:
    lost = validation_page.summary(changed(99.0, 0.1), lang)
    won = validation_page.summary(changed(0.1, 0.9), lang)
    words = {"en": ("It loses", "nearer than all others", "as it should be"),
             "zh": ("落后于", "优于其他全部", "与名义水平相符")}[lang]  # fmt: skip
    assert words[0] in lost
    assert words[0] not in won
    assert won.count(words[1]) == 3
    assert words[2] in won
    assert words[2] not in lost


def test_inside_and_outside_are_both_told() -> None:
    numbers = deepcopy(NUMBERS)
    made = numbers["predicted"]["default"]
    for row in numbers["required"]["rows"]:
        i = row["target"]
        made["low"][i], made["high"][i], row["inside"] = -100.0, 100.0, True
    assert "**outside**" not in validation_page.summary(numbers, "en")
    for row in numbers["required"]["rows"]:
        i = row["target"]
        made["low"][i], made["high"][i], row["inside"] = 50.0, 51.0, False
    assert validation_page.summary(numbers, "en").count("**outside**") == 3


def test_the_diagnosis_never_wins() -> None:
    numbers = deepcopy(NUMBERS)
    for groups in numbers["scores"].values():
        for scores in groups.values():
            scores[numbers["diagnosis"]]["error"] = 0.0
    assert all(validation_page.best(numbers, g) != numbers["diagnosis"] for g in numbers["groups"])


def test_missing_figures_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--data DIR"):
        validation.targets(tmp_path)
