"""Concordances: merging and splitting keep every total, and say what they cannot read."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast import simulate
from ballast.economy import Economy
from ballast.economy.book import load
from ballast.economy.checks import check
from ballast.economy.facts import Target
from ballast.economy.regroup.concord import Concordance, read, regroup
from ballast.errors import BookError
from ballast.forcing import Forcing


@pytest.fixture(scope="module")
def teaching() -> Economy:
    return load("teaching")


@pytest.fixture(scope="module")
def china() -> Economy:
    return load("china-2020")


def write(path: Path, *rows: tuple[object, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def totals(e: Economy) -> list[float]:
    return [
        e.output.sum(), e.exports.sum(), e.value_added.sum(), e.slot_domestic.sum(), e.slot_imports.sum(),
        e.final_domestic.sum(), e.final_imports.sum(),
    ]  # fmt: skip


def test_a_merge_by_hand(teaching, tmp_path):
    """North and coast become one: flows between them are now inside it."""
    path = write(
        tmp_path / "c.csv",
        ("from", "to", "en", "zh"),
        ("N", "NC", "North and coast", "北方与沿海"),
        ("C", "NC"),
    )
    regions, sectors = read(path, teaching, splitting=False)
    e, findings = regroup(teaching, regions, sectors)
    assert (e.n, [r.code for r in e.regions]) == (8, ["NC", "W"])
    assert e.regions[0].name.zh == "北方与沿海"
    z, old = e.links().toarray(), teaching.links().toarray().reshape(3, 4, 3, 4)
    np.testing.assert_allclose(z.reshape(2, 4, 2, 4)[0, :, 0], old[:2, :, :2].sum(axis=(0, 2)))
    np.testing.assert_allclose(totals(e), totals(teaching))
    assert findings == ()
    assert "3 regions to 2" in e.history[-1].text.en


def test_a_split_by_hand(teaching, tmp_path):
    """Parts are split 0.75 to 0.25: a quarter of each row and of each column goes to the smaller."""
    path = write(
        tmp_path / "c.csv", ("from", "to", "share"), ("parts", "engines", 0.75), ("parts", "gears", 0.25)
    )
    e, _ = regroup(teaching, *read(path, teaching))
    codes = [s.code for s in e.sectors]
    assert codes == ["materials", "engines", "gears", "vehicles", "services"]
    engines, gears = (e.node_sector == codes.index(c) for c in ("engines", "gears"))
    np.testing.assert_allclose(e.output[gears] * 3, e.output[engines])
    np.testing.assert_allclose(totals(e), totals(teaching))
    assert e.sectors[1].goods


def test_china_to_the_delta_and_mining_and_back_at_rest(china, tmp_path):
    rows = [
        ("region", c, "YRD", "", "Yangtze delta", "长三角") for c in ("SH", "江苏", "Zhejiang", "安徽省")
    ]
    rows += [("sector", c, "mining", "", "", "") for c in ("02", "03", "04", "05")]
    rows += [("sector", "18", "18a", 0.7, "Cars", "汽车"), ("sector", "18", "18b", 0.3, "Ships", "船舶")]
    path = write(tmp_path / "c.csv", ("kind", "from", "to", "share", "en", "zh"), *rows)
    e, findings = regroup(china, *read(path, china))
    assert (e.r, e.k) == (28, 40)
    np.testing.assert_allclose(totals(e), totals(china), rtol=1e-12)
    assert [str(f) for f in check(e) if f.level != "note"] == []
    run = simulate(e, Forcing.none(e, 20))
    assert np.abs(run.deviation("all").to_numpy()).max() < 1e-11
    assert e.carriers[0].annual.sum() == pytest.approx(china.carriers[0].annual.sum())
    assert findings == ()


@pytest.mark.parametrize("tilt", [-1.0, 0.0, 1.0])
def test_doing_nothing_changes_nothing_under_any_trade(china, tilt):
    e, _ = regroup(china, None, None)
    gap = abs(e.with_trade(tilt).links() - china.with_trade(tilt).links()).max()
    assert gap < 1e-12 * china.links().max()


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_split_and_merged_again_is_what_it_was(data):
    """Property: any split of sectors, undone, gives back every flow."""
    e = load("teaching")
    shares = [data.draw(st.floats(0.05, 0.95)) for _ in range(e.k)]
    w = np.zeros((2 * e.k, e.k))
    for i, share in enumerate(shares):
        w[2 * i, i], w[2 * i + 1, i] = share, 1 - share
    codes = tuple(f"{s.code}{part}" for s in e.sectors for part in "ab")
    apart, _ = regroup(e, None, Concordance(codes, w, ()))
    back = np.zeros((e.k, 2 * e.k))
    back[np.repeat(np.arange(e.k), 2), np.arange(2 * e.k)] = 1
    again, _ = regroup(apart, None, Concordance(tuple(s.code for s in e.sectors), back, ()))
    np.testing.assert_allclose(again.links().toarray(), e.links().toarray(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(again.output, e.output)
    assert [f for f in check(apart) if f.level == "error"] == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("old_code", "to")], "columns from and to are missing"),
        ([("from", "to"), ("Nort", "X")], r"row 2: no region or sector 'Nort' in this book.*Did you mean"),
        (
            [("from", "to", "share"), ("parts", "a", 0.5), ("parts", "b", 0.4)],
            r"sector parts: shares sum to 0.9",
        ),
        ([("from", "to", "share"), ("parts", "a", 1.5)], "share is 1.5"),
        ([("from", "to", "share"), ("parts", "a", "half")], "share holds 'half'"),
        ([("kind", "from", "to"), ("town", "N", "X")], "kind 'town'"),
        ([("from", "to", "en"), ("parts", "a", "Glass", " and steel")], r"more cells \(4\) than heads"),
        ([("from", "to", "share", "en"), ("parts", "a", 0, 5), ("parts", "b", 1, 0)], "half a number"),
        ([("from", "to"), ("N", "")], "to is empty"),
        ([("from", "to")], "has no rows below its heads"),
        (
            [("from", "to", "share"), ("parts", "vehicles", 0.5), ("parts", "gears", 0.5)],
            "sector vehicles: the book has this code already.*a row from vehicles to vehicles",
        ),
    ],
)
def test_what_a_concordance_gets_wrong(teaching, tmp_path, rows, says):
    with pytest.raises(BookError, match=says):
        read(write(tmp_path / "c.csv", *rows), teaching)


def test_a_merge_does_not_split_by_accident(teaching, tmp_path):
    path = write(tmp_path / "c.csv", ("from", "to", "share"), ("parts", "a", 0.5), ("parts", "b", 0.5))
    with pytest.raises(BookError, match=r"sector parts goes to 2 codes.*book split"):
        read(path, teaching, splitting=False)


def test_joining_different_kinds_is_said(teaching, tmp_path):
    path = write(
        tmp_path / "c.csv", ("from", "to", "like"), ("vehicles", "all", ""), ("services", "all", "")
    )
    _, findings = regroup(teaching, *read(path, teaching))
    assert [f.level for f in findings] == ["warning"]
    path = write(
        tmp_path / "c.csv", ("from", "to", "like"), ("vehicles", "all", "18"), ("services", "all", "")
    )
    e, findings = regroup(teaching, *read(path, teaching))
    assert findings == ()
    assert e.sectors[-1].like == "18"


def test_what_a_desk_added_goes_along(china, tmp_path):
    """The delta's lines, stations, staff and days: sums, the quickest way, means weighted by need."""
    codes, nodes = [r.code for r in china.regions], list(china.node_codes)
    staff = np.full(china.n, np.nan)
    staff[[nodes.index("SH.18"), nodes.index("JS.18")]] = 100, 50
    days = np.full(len(china.slot_node), np.nan)
    two = [
        np.flatnonzero((china.slot_node == nodes.index(n)) & (china.slot_product == 19))[0]
        for n in ("SH.18", "JS.18")
    ]
    days[two] = 10, 20
    target = Target("value_added", "2022", "SH", 1.0, 2.0, float("nan"))
    rich = replace(
        china,
        facts=replace(
            china.facts,
            staff=staff,
            slot_days=days,
            slot_days_low=days.copy(),
            slot_days_high=days.copy(),
            targets=(target,),
        ),
    )
    path = write(tmp_path / "c.csv", ("from", "to"), ("SH", "D"), ("JS", "D"))
    e, findings = regroup(rich, *read(path, rich))
    new = [r.code for r in e.regions]
    assert e.facts.staff[list(e.node_codes).index("D.18")] == 150
    slot = np.flatnonzero((e.slot_node == list(e.node_codes).index("D.18")) & (e.slot_product == 19))[0]
    need = china.slot_need[two]
    assert e.facts.slot_days[slot] == pytest.approx((10 * need[0] + 20 * need[1]) / need.sum())

    def lines(economy, regions, a, b):
        power = [c for c in economy.facts.corridors if c.mode == "power"]
        return sum(c.capacity for c in power if (regions[c.origin], regions[c.destination]) == (a, b))

    assert lines(e, new, "ZJ", "D") == lines(china, codes, "ZJ", "SH") + lines(china, codes, "ZJ", "JS")
    assert not any(c.origin == c.destination for c in e.facts.corridors)
    made = sum(g.annual for g in china.facts.generation if np.isfinite(g.annual))
    assert sum(g.annual for g in e.facts.generation if np.isfinite(g.annual)) == pytest.approx(made)
    assert any("targets of SH" in f.what for f in findings)


@pytest.mark.parametrize("code", ["TRUE", "nan", "#REF!", "2-Jan"])
def test_codes_that_a_program_made(teaching, tmp_path, code):
    with pytest.raises(BookError, match=rf"row 2: the code '{code}' "):
        read(write(tmp_path / "c.csv", ("from", "to"), ("parts", code)), teaching)


def test_columns_that_differ_and_columns_that_are_not_read(teaching, tmp_path):
    """Two columns of one role must agree; a share by region is none, and is told."""
    split = [("N", "A", 0.5, 0.4, "N"), ("N", "B", 0.5, 0.6, "C")]
    path = write(tmp_path / "c.csv", ("from", "to", "share", "weight", "region"), *split)
    with pytest.raises(BookError, match=r"columns share \(C\) and weight \(D\) say different things"):
        read(path, teaching)
    same = [(a, b, s, s, r) for a, b, s, _, r in split]
    path = write(tmp_path / "d.csv", ("from", "to", "share", "share", "region"), *same)
    _, findings = regroup(teaching, *read(path, teaching))
    assert "1 column is not read: 'region'" in [f.what for f in findings]


def test_a_merge_into_a_code_that_the_file_does_not_name_is_told(teaching, tmp_path):
    path = write(tmp_path / "c.csv", ("from", "to"), ("N", "C"))
    e, findings = regroup(teaching, *read(path, teaching, splitting=False))
    assert [r.code for r in e.regions] == ["C", "W"]
    (note,) = findings
    assert (note.level, note.where) == ("note", f"{path}, region C")
    assert "has this code already, and the file puts others into it (row 2)" in note.what
    named = write(tmp_path / "d.csv", ("from", "to"), ("N", "C"), ("C", "C"))
    assert regroup(teaching, *read(named, teaching, splitting=False))[1] == ()


def test_titles_and_names_merged_down_are_read_and_merged_shares_are_not(teaching, tmp_path):
    wb = openpyxl.Workbook()
    rows = [["拆分表", None, None], ["from", "to", "share"], ["N", "N1", 0.3], [None, "N2", 0.7]]
    for row in rows:
        wb.active.append(row)
    wb.save(tmp_path / "a.xlsx")
    with pytest.raises(BookError, match="row 4: from is empty"):
        read(tmp_path / "a.xlsx", teaching)
    wb.active.merge_cells("A3:A4")
    wb.save(tmp_path / "a.xlsx")
    e, _ = regroup(teaching, *read(tmp_path / "a.xlsx", teaching))
    assert [r.code for r in e.regions] == ["N1", "N2", "C", "W"]
    wb.active.merge_cells("C3:C4")
    wb.save(tmp_path / "a.xlsx")
    with pytest.raises(BookError, match="row 4, column C: is merged with row 3: one share of several rows"):
        read(tmp_path / "a.xlsx", teaching)
