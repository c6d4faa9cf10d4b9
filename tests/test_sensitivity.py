"""The sensitivity page keeps its numbers, and what computes them is right where the answer is known."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ballast.economy import Economy, book
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import simulate
from ballast.scenario import drivers, load

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
import sensitivity  # noqa: E402
import sensitivity_page  # noqa: E402
import sensitivity_story  # noqa: E402
import sensitivity_words  # noqa: E402

NUMBERS = json.loads(sensitivity.RESULTS.read_text("utf-8"))
TEACHING = sensitivity.Event("vehicle-parts", "2022-01", "vehicles", ("N", "W"), 4)


@pytest.fixture(scope="module")
def teaching() -> Economy:
    return book.load("teaching")


@pytest.fixture(scope="module")
def china() -> Economy:
    return book.load("china-2020")


# ---- the page ----------------------------------------------------------------------------------


def test_the_page_and_its_pictures_are_the_numbers() -> None:
    for name, content in sensitivity_page.render(NUMBERS).items():
        found = (ROOT / "docs" / name).read_text("utf-8")
        assert found == content, f"{name}: run python benchmarks/sensitivity.py --page"
        if name.endswith(".svg"):
            assert ET.fromstring(content).tag.endswith("svg")


def test_part_one_has_an_everyday_name_for_all_it_speaks_of() -> None:
    used = set(sensitivity_words.least(NUMBERS["events"]))
    for v in NUMBERS["events"]:
        shown = [o for o, key in enumerate(v["outputs"]) if key in sensitivity_story.NATIONAL]
        most = sensitivity_story.MOST
        used |= {v["names"][i] for o in shown for i in sensitivity_words.order(v, o)[:most]}
        used |= {v["names"][i] for i in sensitivity_story.leading(v)}
    assert used - set(sensitivity_story.PLAIN) == set()
    assert set(sensitivity_story.PLAIN) <= {n for v in NUMBERS["events"] for n in v["names"]}


def test_what_does_not_matter_is_under_the_bound_at_the_upper_end_in_every_output() -> None:
    """By hand: b stays at 0.004 and 0.009; a reaches 0.02 in one output; shock.c is none."""
    events = [
        {
            "names": ["a", "b", "shock.c"],
            "total_range": [None, [[0.001, 0.004, 0.001], [0.02, 0.009, 0.0]]],
        },
        {"names": ["a", "b"], "total_range": [None, [[0.001, 0.002]]]},
    ]
    assert sensitivity_words.least(events) == ["b"]


def test_part_one_comes_first_and_part_two_has_every_table() -> None:
    page = (ROOT / "docs" / "sensitivity.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", page, re.M) == ["What to know", "要点", "All tables"]
    first, second = page.split("## All tables")
    assert len(first.split("## 要点")[0].split()) < 1200  # a page or two
    for v in NUMBERS["events"]:
        for name in v["names"]:
            assert second.count(f"| `{name}` |") >= 2


def test_the_numbers_cover_everything_that_has_a_range() -> None:
    ranged = {k for k, p in load_parameters().items.items() if not p.families}
    assert [v["scenario"] for v in NUMBERS["events"]] == [v.scenario for v in sensitivity.EVENTS]
    for v, event in zip(NUMBERS["events"], sensitivity.EVENTS, strict=True):
        assert set(v["names"]) == ranged | {f"shock.{d}" for d in drivers(load(event.scenario))}
        assert (v["draws"], v["month"]) == (event.draws, event.month)
        assert v["runs"] == event.draws * (len(v["names"]) + 2) + 2 * len(v["names"]) + 1


@pytest.mark.parametrize("event", sensitivity.EVENTS, ids=lambda v: v.scenario)
def test_the_numbers_are_the_engines(event) -> None:
    """The centre and both ends of two parameters, run again; else python benchmarks/sensitivity.py."""
    plot = load(event.scenario)
    e, v = book.load(plot.book), next(x for x in NUMBERS["events"] if x["scenario"] == event.scenario)
    points = np.full((5, len(v["names"])), 0.5)
    picked = [v["names"].index("elasticity"), v["names"].index("stock_days")]
    for k, i in enumerate(picked):
        points[2 * k + 1, i], points[2 * k + 2, i] = 0.0, 1.0
    found = sensitivity.model(e, plot, event)(points)
    wanted = [v["centre"], *(x[i] for i in picked for x in (v["low"], v["high"]))]
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)


def test_indices_add_up() -> None:
    for v in NUMBERS["events"]:
        first, total = np.array(v["first"]), np.array(v["total"])
        np.testing.assert_allclose(1 - first.sum(axis=1), v["interaction"], atol=2e-3)
        low, high = np.array(v["total_range"])
        assert (low <= total + 1e-3).all()
        assert (total <= high + 1e-3).all()
        best, worst = np.array(v["rank_range"])
        assert (best <= worst).all()
        assert best.min() >= 1
        assert worst.max() <= len(v["names"])


# ---- where the answer is known -----------------------------------------------------------------


def test_sobol_on_a_function_whose_indices_are_known() -> None:
    """Ishigami and Homma (1990), a = 7, b = 0.1, x uniform on [-pi, pi]: indices in closed form."""
    a, b = 7.0, 0.1

    def ishigami(u: np.ndarray) -> np.ndarray:
        x = np.pi * (2 * u - 1)
        y = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
        return np.stack([y, 3.0 * y + 1.0], axis=1)  # indices know neither scale nor origin

    alone = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0.0])
    joint = 8 * b**2 * np.pi**8 / 225
    variance = alone.sum() + joint
    total = alone + np.array([joint, 0.0, joint])
    found = sensitivity.sobol(ishigami, 3, 2048, resamples=200)
    for output in (0, 1):
        np.testing.assert_allclose(found.first[output], alone / variance, atol=0.03)
        np.testing.assert_allclose(found.total[output], total / variance, atol=0.03)
        assert (found.total_range[0, output] < total / variance).all()
        assert (total / variance < found.total_range[1, output]).all()
        np.testing.assert_array_equal(found.rank_range[:, output], [[1, 2, 3], [1, 2, 3]])
        assert found.interaction[output] == pytest.approx(joint / variance, abs=0.03)


def test_one_at_a_time_on_the_teaching_book(teaching) -> None:
    plot = load(TEACHING.scenario)
    names = sensitivity.names_of(plot)
    centre, low, high = sensitivity.one_by_one(sensitivity.model(teaching, plot, TEACHING), len(names))
    assert low.shape == high.shape == (len(names), len(TEACHING.outputs))
    run = simulate(teaching, plot)
    monthly = run.deviation("all").loc[pd.Period("2022-01"), "all"]
    assert centre[0] == pytest.approx(monthly, rel=1e-5)
    by_region = run.deviation("region").loc[pd.Period("2022-01")]
    np.testing.assert_allclose(centre[2:4], by_region[["N", "W"]], rtol=1e-5)
    assert centre[4] == pytest.approx(run.lost, rel=1e-5)
    for ends, u in ((low, 0.0), (high, 1.0)):
        other = simulate(teaching, plot, quantiles={"stock_days": u})
        assert ends[names.index("stock_days"), 4] == pytest.approx(other.lost, rel=1e-5)
    moved = np.abs(high - low)[:, 4]
    assert moved[names.index("trade")] == 0.0  # the teaching book has no range of trade
    assert moved[names.index("elasticity")] > 0.0


def test_recovery_is_the_first_day_of_the_last_good_stretch(teaching) -> None:
    """A first fall on day 3, one day back, a second until day 9: recovered on day 10."""
    dates = pd.date_range("2022-01-01", periods=60)
    industry = np.ones((60, teaching.r))
    industry[3:5] = industry[6:10] = 0.5
    found = sensitivity.measures(teaching, TEACHING, dates, np.ones((2, teaching.n)), industry)
    assert found[-1] == 10
    calm = sensitivity.measures(teaching, TEACHING, dates, np.ones((2, teaching.n)), np.ones((60, 3)))
    assert calm.tolist() == [0.0] * 6


# ---- more specific, never better ---------------------------------------------------------------


def test_no_specific_part_pools_every_supplier(china) -> None:
    resolved = sensitivity.with_elasticity(load_parameters(), None).resolve(china)
    np.testing.assert_array_equal(resolved.parts, 1.0)


@pytest.mark.parametrize("name", ["shanghai-2022", "sichuan-2022", "vehicle-parts"])
def test_more_specific_parts_never_lose_less(name, china, teaching) -> None:
    plot = load(name)
    e = teaching if plot.book == "teaching" else china
    p = load_parameters()
    ladder = [sensitivity.with_elasticity(p, s) for s in (None, 0.76, 0.55, 0.45, 0.2)]
    lost = [simulate(e, plot, parameters=x, full=False).lost for x in ladder]
    assert lost == sorted(lost)
    shares = [simulate(e, plot, quantiles={"specific_share": u}, full=False).lost for u in (0, 0.5, 1)]
    assert shares == sorted(shares)
