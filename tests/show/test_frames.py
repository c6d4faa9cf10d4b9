"""Tables and arrays: the labels are right where the sums come out right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ballast.economy import Economy, book
from ballast.errors import InputError
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.response import Response
from ballast.scenario import load
from ballast.show import frames


@pytest.fixture(scope="module", params=["teaching", "china-2020"])
def any_book(request: pytest.FixtureRequest) -> Economy:
    return book.load(request.param)


def test_each_column_of_the_table_balances(any_book: Economy) -> None:
    """Output = inputs from home and abroad + value added, node by node; and = sales at home + exports."""
    data = any_book.to_xarray()
    cost = data.inputs_home.sum("product") + data.inputs_imported.sum("product")
    np.testing.assert_allclose(cost + data.value_added.sum("component"), data.output, rtol=1e-6, atol=1e-3)
    nodes = any_book.to_pandas("nodes")
    np.testing.assert_allclose(nodes.sales_home + nodes.exports, nodes.output, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(nodes.inputs_home, data.inputs_home.sum("product"), rtol=1e-9)


def test_links_and_final_use_are_what_is_sold_at_home(any_book: Economy) -> None:
    links = any_book.to_pandas("links")
    nodes = any_book.to_pandas()
    bought = links.groupby("buyer").value.sum().reindex(nodes.index, fill_value=0.0)
    np.testing.assert_allclose(bought, nodes.inputs_home, rtol=1e-9, atol=1e-6)
    final = any_book.to_pandas("final")
    by_hand = final.groupby(["region", "product", "category"]).home.sum()
    cube = any_book.to_xarray().final_home.to_series()
    np.testing.assert_allclose(cube.reindex(by_hand.index), by_hand, rtol=1e-12)
    assert cube.sum() == pytest.approx(by_hand.sum())


def test_regions_and_sectors_are_sums_of_their_nodes(any_book: Economy) -> None:
    nodes = any_book.to_pandas()
    for what, key in (("regions", "region"), ("sectors", "sector")):
        table = any_book.to_pandas(what)
        sums = nodes.groupby(key).output.sum().reindex(table.index, fill_value=0.0)
        np.testing.assert_allclose(table.output, sums, rtol=1e-12)


def test_figures_of_the_teaching_page(economy: Economy) -> None:
    """North's vehicle makers buy 26.5 of parts from the Coast and 5 abroad."""
    links = economy.to_pandas("links").set_index(["seller", "buyer"]).value
    assert links["C.parts", "N.vehicles"] == pytest.approx(26.47, abs=0.01)
    assert float(economy.to_xarray().inputs_imported.sel(node="N.vehicles", product="parts")) == 5


def test_labels_of_a_run_lead_to_its_monthly_figures(run: Run) -> None:
    """Levels weighted by value added and gathered by the labels alone are `deviation`."""
    data, e = run.to_xarray(), run.economy
    weight = pd.Series(e.industrial_value_added, index=list(e.node_codes))
    for by in ("region", "sector"):
        groups = data[f"node_{by}"].to_series()
        value = (data.level.to_pandas() * weight).T.groupby(groups).sum().T
        base = weight.groupby(groups).sum()
        months = 100 * (value.resample("MS").mean() / base - 1)
        want = run.deviation(by)
        np.testing.assert_allclose(months[list(want.columns)], want, atol=1e-9)


def test_wide_tables_of_a_run_are_its_paths_under_region_and_sector(run: Run) -> None:
    level = run.to_pandas()
    assert level.columns.names == ["region", "sector", "node"]
    np.testing.assert_array_equal(level["C", "parts", "C.parts"], run.level[:, 5])
    np.testing.assert_array_equal(run.to_pandas("unmet_final")["N"], run.record.unmet[:, 0])
    for name in frames.NODE_PATHS:
        np.testing.assert_array_equal(run.to_pandas(name), run.to_xarray()[name])


def test_arrays_of_an_answer_are_its_tables(answer: Response) -> None:
    data = answer.to_xarray()
    np.testing.assert_array_equal(data.industry.sel(path="plan", estimate="low"), answer.plan_path.low)
    for key, table in (("region", answer.by_region), ("sector", answer.by_sector)):
        for row in table.itertuples():
            cell = data[f"by_{key}"].sel({key: getattr(row, key), "month": row.month})
            assert cell.sel(path="nothing").values.tolist() == [
                row.nothing,
                row.nothing_low,
                row.nothing_high,
            ]
            assert float(cell.sel(path="plan", estimate="high")) == row.plan_high
    for row in answer.monthly.itertuples():
        cell = data.monthly.sel(region=row.region, sector=row.sector, month=row.month)
        assert cell.values.tolist() == [row.deviation_pct, row.low, row.high]
    for row in answer.by_month.itertuples():
        assert float(data.by_month.sel(month=row.month, path="plan", estimate="mid")) == row.plan
    assert np.isnan(data.by_sector.sel(sector="services")).all()  # no industry
    assert not np.isnan(data.by_sector.drop_sel(sector="services")).any()


def test_lists_of_an_answer_are_those_of_run_json(answer: Response) -> None:
    blockages = answer.to_pandas("blockages")
    assert list(blockages.saved) == [b.saved for b in answer.blockages]
    assert list(blockages.title_zh) == [b.title.zh for b in answer.blockages]
    assert list(answer.to_pandas("relief").node) == [
        answer.economy.node_codes[p.node] for p in answer.relief.picks
    ]
    assert list(answer.to_pandas("landings").nothing_mid) == [x.nothing.mid for x in answer.landings]
    assert list(answer.to_pandas("stops").node) == ["C.parts"]
    empty = replace(answer, cases=(), blockages=())
    assert len(empty.to_pandas("cases")) == 0


def _things(economy: Economy, run: Run, answer: Response) -> list[tuple[object, frames.Tables]]:
    return [(economy, frames.ECONOMY), (run, frames.RUN), (answer, frames.RESPONSE)]


def test_every_table_has_units_and_can_be_kept(
    economy: Economy, run: Run, answer: Response, tmp_path: Path
) -> None:
    """Parquet writes `attrs` as JSON: what is no plain value there would fail."""
    for thing, tables in _things(economy, run, answer):
        for name in tables:
            table = thing.to_pandas(name)  # type: ignore[attr-defined]
            assert len(table)
            assert table.attrs["book"] == "teaching"
            told = table.attrs["units"]
            assert set(told) <= set(table.columns) if isinstance(told, dict) else told
            flat = table.copy()
            flat.columns = [c if isinstance(c, str) else ".".join(c) for c in table.columns]
            flat.to_parquet(tmp_path / "kept.parquet")
            assert pd.read_parquet(tmp_path / "kept.parquet").attrs == table.attrs


def test_the_docstring_names_every_table() -> None:
    from ballast.shown import Shown

    said = Shown.to_pandas.__doc__ or ""
    for tables in (frames.ECONOMY, frames.RUN, frames.RESPONSE):
        first = said.index(next(iter(tables)))
        assert all(name in said[first:] for name in tables)


def test_every_array_has_units_and_can_be_kept(
    economy: Economy, run: Run, answer: Response, tmp_path: Path
) -> None:
    for thing in (economy, run, answer):
        data = thing.to_xarray()
        assert all(v.attrs["units"] for v in data.values())
        assert data.attrs["book"] == "teaching"
        data.to_dataframe() if len(data.sizes) < 3 else data.to_dict()


def test_a_table_that_is_not_there_is_refused_by_name(economy: Economy, run: Run) -> None:
    with pytest.raises(InputError, match=r"no table 'node'.*Did you mean nodes.*sectors"):
        economy.to_pandas("node")
    light = simulate(economy, load("vehicle-parts"), full=False)
    with pytest.raises(
        InputError, match=r"no capacity: it was simulated with full=False. It has: level, output"
    ):
        light.to_pandas("capacity")
    assert list(light.to_xarray()) == ["level", "output"]
    np.testing.assert_array_equal(light.to_pandas("output"), run.record.output)


@pytest.mark.parametrize("what", [1, ["nodes"]])
def test_a_name_that_is_no_text_is_refused_as_one_that_is_not_there(economy: Economy, what: Any) -> None:
    with pytest.raises(InputError, match=r"an economy has no table .*There are: nodes"):
        economy.to_pandas(what)
