"""What a run keeps: the arrays that are asked for, nothing of the size of the others, the same figures."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from ballast import load_book, load_scenario
from ballast.economy import Economy
from ballast.errors import InputError, SimulationError
from ballast.forcing import Forcing, Steps
from ballast.outcomes import Ending
from ballast.propagate import kept
from ballast.propagate import run as run_module
from ballast.propagate.amplify import of_run
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate

from .cases import harsh, random_economy

MODELS = ("default", "ario", "pichler")


@pytest.fixture(params=[1, 3000, kept.PIECE], ids=["a day at a time", "some days", "all at once"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(kept, "PIECE", request.param)
    return int(request.param)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("names", [["output", "binding"], ["stock", "unmet"], ["ledger"], ["injected"]])
def test_what_is_kept_is_what_a_full_run_has(length, names, backend):
    e = random_economy(3)
    forcing = harsh(e, 3)
    full = simulate(e, forcing, backend=backend)
    some = simulate(e, forcing, backend=backend, keep=names)
    for name, array in full.record._asdict().items():
        there = name in (*names, "injected")
        np.testing.assert_array_equal(
            getattr(some.record, name), array if there else array[:0], err_msg=name
        )
    assert some.kept(*names)
    assert (some.sums is None) == ("output" in names)


@pytest.mark.parametrize("model", MODELS)
def test_sums_give_the_figures_of_a_full_run(length, model):
    e, plot = load_book("teaching"), load_scenario("vehicle-parts")
    full, sums = simulate(e, plot, model=model), simulate(e, plot, model=model, keep=[])
    np.testing.assert_allclose(sums.total, full.record.output.sum(axis=1), rtol=1e-14)
    assert sums.lost == pytest.approx(full.lost, rel=1e-12)
    for industry in (True, False):
        np.testing.assert_allclose(
            sums.value_added(industry=industry), full.value_added(industry=industry), rtol=1e-12
        )
        for by in ("region", "sector", "all"):
            one, other = (r.deviation(by, industry=industry, freq="D") for r in (sums, full))
            assert list(one.columns) == list(other.columns)
            np.testing.assert_allclose(one, other, atol=1e-10)
    assert sums.outcome == full.outcome


def test_sums_say_who_collapsed_and_who_is_no_number():
    """Imports stop for good: a collapse, on the same day and at the same node."""
    e = load_book("teaching")
    forcing = replace(Forcing.none(e, 150), imports=Steps(np.zeros(150, int), np.zeros((1, e.r * e.k))))
    full, sums = simulate(e, forcing), simulate(e, forcing, keep=[])
    day = int(full.total.argmin())
    assert sums.sums is not None
    assert sums.sums.worst[day] == np.argmax((1 - full.level[day]) * e.total_value_added)
    assert sums.outcome.kind is full.outcome.kind
    broken = full.record.output.copy()
    broken[20, 7] = np.nan
    record, found = kept.gathered(
        [full.record._replace(output=broken)], 150, frozenset(), e, full.system.x0
    )
    outcome = replace(sums, record=record, sums=found).outcome
    assert (outcome.kind, outcome.node, outcome.day) == (Ending.DIVERGED, 7, full.dates[20].date())


def test_a_collapse_says_for_want_of_what_only_where_that_was_kept(monkeypatch):
    """The day of least output stands for a collapse: the same words but for what was short."""
    monkeypatch.setattr(run_module, "fallen", lambda run, share: share == share.min())
    e, plot = load_book("teaching"), load_scenario("vehicle-parts")
    full, sums = (simulate(e, plot, keep=keep).outcome for keep in (None, []))
    assert (full.kind, sums.kind) == (Ending.COLLAPSED, Ending.COLLAPSED)
    en, of, _ = full.words.en.partition(", for want of ")
    zh, lacks, _ = full.words.zh.rpartition("，缺")
    assert of
    assert lacks
    assert (sums.words.en, sums.words.zh) == (f"{en}.", f"{zh}。")


def chained(nodes: int) -> Economy:
    """Nodes of the regions and sectors of the teaching book that all buy from their neighbour."""
    like, n, half = load_book("teaching"), nodes, np.full(nodes, 0.5)
    labels = ("name", "title", "unit", "currency", "year", "regions", "sectors", "categories")
    z = sparse.csc_array((half, (np.arange(n), (np.arange(n) + 1) % n)), shape=(n, n))
    y = sparse.csc_array((half, (np.arange(n), np.arange(n) % 2)), shape=(n, 2))
    return Economy.from_links(
        z, final=y, final_region=[0, 1], final_category=[0, 0], node_region=np.arange(n) % like.r,
        node_sector=np.arange(n) // like.r % like.k, output=np.ones(n), exports=np.zeros(n),
        value_added_labels=like.value_added_labels[:1], value_added=half[None, :],
        **{name: getattr(like, name) for name in labels},
    )  # fmt: skip


@pytest.mark.parametrize(("names", "arrays"), [([], 0), (["output"], 1), (["limit", "rho"], 2)])
def test_what_is_not_kept_is_never_held(monkeypatch, names, arrays):
    """2,000 nodes and 500 days: an array is 8 MB, a full record 68, a piece 1 MB, the rest less than 7."""
    monkeypatch.setattr(kept, "PIECE", 1 << 20)
    e = chained(2000)
    forcing = Forcing.none(e, 500)
    simulate(e, Forcing.none(e, 2), keep=names)  # compiled, and what an economy works out once is there
    tracemalloc.start()
    run = simulate(e, forcing, keep=names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6 * (arrays + 1)
    held = sum(a.nbytes for name, a in run.record._asdict().items() if name != "injected")
    assert held == arrays * 8 * 2000 * 500


def test_room_is_asked_for_what_is_kept(monkeypatch):
    """12 nodes and 1,000 days: an array is 96 kB. Of 500 kB nine tenths may be had: room for three of them
    and a piece of 10 kB (298), or for output, its level and what is lost (288); not for two more beside
    those (480), nor for the 10 of a full record (960).
    """
    e = load_book("teaching")
    monkeypatch.setattr(kept, "PIECE", 10_000)
    monkeypatch.setattr("ballast.machine.memory", lambda: 500_000)
    for names in ([], ["output"], ["limit", "rho", "stock"]):
        simulate(e, Forcing.none(e, 1000), keep=names)
    for names in (None, ["output", "limit", "rho"]):
        with pytest.raises(InputError, match="keep less of it"):
            simulate(e, Forcing.none(e, 1000), keep=names)


def lean() -> Run:
    return simulate(load_book("teaching"), load_scenario("vehicle-parts"), keep=["limit"])


def test_what_was_not_kept_is_asked_for_by_name():
    run = lean()
    for ask in (
        lambda: run.level,
        lambda: run.stops(),
        lambda: run.limited_by,
        lambda: run.cause(1, 2),
        lambda: run.deviation("node"),
    ):
        with pytest.raises(InputError, match=r"did not keep .*output.* Simulate with keep=\['output'"):
            ask()
    with pytest.raises(SimulationError, match="full=True"):
        of_run(run)
    with pytest.raises(
        InputError, match=r"no output: it was simulated with keep without it\. It has: limit"
    ):
        run.to_pandas("output")


def test_sums_are_shown_on_a_screen_and_drawn():
    run, full = lean(), simulate(load_book("teaching"), load_scenario("vehicle-parts"))
    said = repr(run)
    assert "what says who stopped was not kept" in said
    lines = [line for line in repr(full).splitlines() if "lost" in line or "worst" in line]
    assert len(lines) >= 2
    assert all(line in said for line in lines)
    drawn = [re.sub(r"path-\w+", "", r.plot.path().svg) for r in (run, full)]  # numbers of parts
    assert drawn[0] == drawn[1]
    assert list(run.to_xarray()) == ["limit"]


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        (["outptu"], "'outptu' is nothing that a run records.* Did you mean output"),
        ("output", r"'output' is no list\. Write keep=\['output'\]\. Give"),
        ("outptu", r"'outptu' is no list\. Give"),
        (1, "1 is no list"),
        ([1], "1 is nothing that a run records. Give a list"),
        ([None, "output"], "None is nothing that a run records"),
        ([["output"]], r"\['output'\] is nothing"),
    ],
)
def test_a_name_that_is_none_is_refused(keep, said):
    with pytest.raises(InputError, match=said):
        simulate(load_book("teaching"), load_scenario("vehicle-parts"), keep=keep)


@pytest.mark.parametrize("backend", ["nmba", "", 1, ["numba"]])
def test_a_backend_that_is_none_is_refused(backend):
    with pytest.raises(InputError, match=r'backend: .* is none. Give "numba" or "numpy"'):
        simulate(load_book("teaching"), load_scenario("vehicle-parts"), backend=backend)
