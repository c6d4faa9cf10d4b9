"""Published models behind the engine's own doors: the same numbers, resumed, helped, refused, explained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ballast.cli.run import ModelName
from ballast.errors import InputError, SimulationError
from ballast.forcing import Forcing, Steps
from ballast.propagate import published
from ballast.propagate.amplify import of_record, of_run
from ballast.propagate.ensemble import design, monthly_level, run_ensemble, run_pair
from ballast.propagate.parameters import load_parameters
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published.reference import MODELS, Damage
from ballast.propagate.run import Run
from ballast.propagate.simulate import begin, go_on, prepare, simulate, simulate_each, whole
from ballast.propagate.step.interventions import Intervention, under
from ballast.scenario import compile_scenario, drivers, load

from ..cases import random_economy

DAYS = 60
NAMES = tuple(MODELS)


def struck(economy, days: int = DAYS, level: float = 0.4) -> Forcing:
    """The first region keeps `level` of its capacity from day 5 to day 24."""
    path = np.ones((days, economy.n))
    path[5:25, economy.node_region == 0] = level
    return replace(Forcing.none(economy, days), capacity=Steps.of(path))


@pytest.fixture(scope="module")
def economy():
    return random_economy(7)


def test_the_command_line_names_every_model() -> None:
    """It has a list of its own, as it loads no model before one is asked for."""
    assert [name.value for name in ModelName] == list(published.NAMES)
    assert set(published.PAPERS) == set(MODELS)
    assert all(model.key == name for name, model in MODELS.items())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_as_the_bare_kernels(economy, name: str) -> None:
    forcing, model = struck(economy, level=0.05), replace(MODELS[name], stock_days=5.0)
    run = simulate(economy, forcing, model=model)
    rated = run.parameters.essential if model.production in published.RATED else None
    bare = pooled_kernels.run(model, economy, forcing, essential=rated, full=True)
    for field in ("output", "capacity", "demand", "limit", "rho", "stock"):
        np.testing.assert_array_equal(getattr(run.record, field), getattr(bare, field), field)
    short = run.record.binding >= 0
    assert short.any()
    nodes = np.broadcast_to(np.arange(economy.n), short.shape)[short]
    slots = run.record.binding[short]
    np.testing.assert_array_equal(run.system.slot_node[slots], nodes)
    np.testing.assert_array_equal(run.system.slot_product[slots], bare.binding[short])
    assert of_run(run) == of_record(economy, forcing, bare)


@pytest.mark.parametrize("name", NAMES)
def test_gone_on_with_is_the_whole_to_the_bit(economy, name: str) -> None:
    """From every morning, twice from the same one, under help and without."""
    blank = prepare(economy, struck(economy), load_parameters(), {}, model=name)
    plan = [Intervention.on("node", np.flatnonzero(economy.node_region == 0), 12, amount=0.5)]
    for given in (blank, replace(blank, weather=under(blank.weather, plan))):
        expected = whole(given, full=False).output
        for day in (0, 1, 12):
            before, morning = begin(blank, day)
            for _ in range(2):
                after = go_on(given, morning, day, DAYS)
                np.testing.assert_array_equal(np.concatenate([before.output, after.output]), expected)


@pytest.mark.parametrize("name", NAMES)
def test_help_gives_back_what_the_shock_took(economy, name: str) -> None:
    """All nodes helped in full from the first day: nothing happens. Half: half the shock."""
    blank = prepare(economy, struck(economy), load_parameters(), {}, model=name)
    calm = simulate(economy, Forcing.none(economy, DAYS), model=name).record.output

    def given(part: float) -> np.ndarray:
        every = under(blank.weather, [Intervention.on("node", range(economy.n), amount=part)])
        return whole(replace(blank, weather=every), full=False).output

    np.testing.assert_allclose(given(1.0), calm, rtol=1e-12)
    milder = simulate(economy, struck(economy, level=0.7), model=name).record.output
    np.testing.assert_allclose(given(0.5), milder, rtol=1e-9)


def test_what_a_published_model_cannot_see_is_left_out_and_said(china) -> None:
    plot = load("shanghai-2022")
    forcing = compile_scenario(plot, china)
    assert published.left_out(forcing) == ("corridors",)
    words = published.note(MODELS["ario"], forcing)
    assert "ARIO" in words[0].en
    assert "closed roads" in words[1].en
    assert "道路受阻" in words[1].zh
    others = replace(plot, shocks=tuple(s for s in plot.shocks if s.kind != "corridor"))
    assert published.left_out(compile_scenario(others, china)) == ()
    assert len(published.note(MODELS["ario"], compile_scenario(others, china))) == 1
    seen = simulate(china, plot, model="ario", full=False)
    np.testing.assert_array_equal(
        seen.record.output, simulate(china, others, model="ario", full=False).record.output
    )
    assert (seen.weather.corridors == 1.0).all()


def test_draws_of_a_published_model_move_shocks_trade_and_book_only(china) -> None:
    plot = load("sichuan-2022")
    points = design(plot, 4, 1, "pichler")
    assert set(points[0]) == {"book", "trade", *(f"shock.{d}" for d in drivers(plot))}
    low, high = (simulate(china, plot, quantiles={"trade": q}, model="ario").lost for q in (0.0, 1.0))
    assert low != high


def test_an_ensemble_of_a_published_model_is_its_runs(teaching) -> None:
    plot = load("vehicle-parts")
    points = design(plot, 3, 1, "ario")
    acts = (Intervention.on("node", range(teaching.n), 15),)
    nothing, plan = run_pair(teaching, plot, points, acts, model="ario")
    alone = run_ensemble(teaching, plot, points, model="ario")
    np.testing.assert_array_equal(nothing.monthly, alone.monthly)
    each = [list(simulate_each(teaching, plot, q, ((), acts), "ario")) for q in points]
    for d, (left, right) in enumerate(each):
        for spread, run in ((nothing, left), (plan, right)):
            np.testing.assert_array_equal(spread.monthly[d], monthly_level(run).astype(np.float32))
            assert spread.outcomes[d] == run.outcome.kind
    assert plan.industry.mean() > nothing.industry.mean()


def test_a_light_run_of_a_published_model_keeps_output_only(economy) -> None:
    run = simulate(economy, struck(economy), model="ario", full=False)
    assert list(run.to_xarray()) == ["level", "output"]
    assert "stock" in simulate(economy, struck(economy), model="ario").to_xarray()


# ---- what a model cannot do --------------------------------------------------------------------


def test_an_unknown_model_names_the_known_ones(economy) -> None:
    with pytest.raises(InputError, match=r"model aria: there is no such model\. Use one of: default, ario"):
        simulate(economy, struck(economy), model="aria")


def test_numbers_without_a_range_are_refused_by_name(economy) -> None:
    with pytest.raises(SimulationError, match="ario has no parameter elasticity, stock_days with a range"):
        simulate(economy, struck(economy), model="ario", quantiles={"stock_days": 0.5, "elasticity": 0.1})


def damage(economy, loss: float = 0.2, days: int = 60) -> Damage:
    return Damage(5, 10, days, np.where(economy.node_region == 0, loss, 0.0), {0: 0.7, 1: 0.3})


@pytest.mark.parametrize("name", ["default", "pichler", "inoue-todo"])
def test_rebuilding_without_capital_names_the_model_that_has_it(economy, name: str) -> None:
    with pytest.raises(SimulationError, match=r"has no capital.*Use model ario"):
        simulate(economy, struck(economy), model=name, damage=damage(economy))


def test_water_fill_on_a_book_too_large_names_the_models_that_can(economy, monkeypatch) -> None:
    monkeypatch.setattr(published.models, "PAIRS", 10)
    with pytest.raises(SimulationError, match=r"inoue-todo serves client by client.*Use model ario or"):
        simulate(economy, struck(economy), model="inoue-todo")
    simulate(economy, struck(economy), model="pichler")


def test_water_fill_needs_usual_shares(economy) -> None:
    mixed = replace(MODELS["inoue-todo"], split="capacity")
    with pytest.raises(SimulationError, match="splits orders by capacity"):
        simulate(economy, struck(economy), model=mixed)


def test_water_fill_does_not_rebuild(economy) -> None:
    mixed = replace(MODELS["inoue-todo"], capital=4.0)
    with pytest.raises(SimulationError, match="rebuilding under water_fill"):
        simulate(economy, struck(economy), model=mixed, damage=damage(economy))


def test_the_readable_form_lies_elsewhere(economy) -> None:
    with pytest.raises(SimulationError, match=r"ballast\.propagate\.published\.reference\.run"):
        simulate(economy, struck(economy), model="ario", backend="numpy")


# ---- rebuilding that starves -------------------------------------------------------------------


def rebuilt(loss: float, days: int = 60) -> Run:
    economy = random_economy(4)
    return simulate(economy, Forcing.none(economy, 365), model="ario", damage=damage(economy, loss, days))


def test_rebuilding_that_starves_production_is_explained_not_printed() -> None:
    """A fifth of a region's capital in two months: output would stay near a fifth of baseline."""
    run = rebuilt(0.2)
    share = run.record.output.sum(axis=1) / run.system.x0.sum()
    ruins = published.in_ruins(run.published, run.weather, run.published.damage)
    assert share[-1] < 0.3 < 0.9 < ruins[-1].sum() / run.system.x0.sum()
    assert run.outcome.kind == "collapsed"
    first = int(np.argmax(share < ruins.sum(axis=1) / run.system.x0.sum() - 0.1))
    assert run.outcome.day == run.dates[first].date()
    assert "Rebuilding starves production" in run.outcome.words.en
    assert "重建挤占生产" in run.outcome.words.zh
    assert f"{100 * share.min():.0f}% of baseline" in run.outcome.words.en


def test_rebuilding_at_ease_completes_and_makes_good() -> None:
    """A twentieth in the same time: output returns to baseline, above what ruins would leave."""
    run = rebuilt(0.05)
    share = run.record.output.sum(axis=1) / run.system.x0.sum()
    assert run.outcome.kind == "completed"
    assert share[-1] > 1.0 > share.min()


def test_ruins_that_nobody_rebuilds_are_a_loss_of_capacity() -> None:
    """By hand: the same as a shock that takes `loss` from the day of the damage to the end."""
    run = rebuilt(0.2)
    economy = run.economy
    path = np.ones((365, economy.n))
    path[5:] = 1.0 - run.published.damage.loss
    shock = replace(Forcing.none(economy, 365), capacity=Steps.of(path))
    np.testing.assert_allclose(
        published.in_ruins(run.published, run.weather, run.published.damage),
        simulate(economy, shock, model="ario", full=False).record.output,
        rtol=1e-12,
    )
