"""The small inputs that the program once got wrong, where they lie beside it: tables, sheets, books."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ballast.economy import book
from ballast.economy.checks import check
from ballast.economy.own import add as additions
from ballast.economy.readers import read
from ballast.errors import BookError, ScenarioError
from ballast.scenario import load

CASES = Path(__file__).parents[2] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside the project")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("l_empty.csv", "row 2, column from_region: is empty"),
        ("tables/emptyregion_2020.csv", "row 6, column from_region: is empty"),
        ("l_big.csv", "more than any amount of money"),
        ("vt.csv", r"U\+000B"),
        ("tables/case_nova_2020.csv", "'aa' and 'AA'"),
        ("excel/x_numcodes_2020.xlsx", "is a date"),
    ],
)
def test_tables_that_are_refused(name: str, says: str) -> None:
    with pytest.raises(BookError, match=says):
        read("long", CASES / name, year=2020)


@pytest.mark.parametrize(
    ("name", "says", "residual"),
    [
        ("l_dup.csv", "rows say again", 20.0),
        ("tables/dup_nova_2020.csv", "rows say again", 411.0),
        ("tables/navalues_nova_2020.csv", "20 cells are empty or without a number", None),
        ("tables/usstates_2020.csv", "also codes of countries", None),
        ("tables/provcodes_2020.csv", "also codes of countries", None),
        ("tables/decimalcomma3_2020.csv", "parts decimals", None),
        ("tables/decimal_mixed_2020.csv", "parts decimals", None),
        ("tables/nopower5_2020.csv", "electricity and heat", 0.0005),
    ],
)
def test_tables_that_are_read_with_a_finding_that_stays(tmp_path, name, says, residual) -> None:
    got = read("long", CASES / name, year=2020)
    saved = book.load(book.save(got.economy, tmp_path / "mine"))
    for found in (got.findings, check(saved)):
        (hit,) = [f for f in found if says in f.what]
        assert hit.residual == (None if residual is None else pytest.approx(residual))
    assert all(r.name.en == r.code for r in got.economy.regions)


def test_trailing_commas_are_left_out_and_told() -> None:
    got = read("long", CASES / "tables/trail_2020.csv")
    assert {r.code for r in got.economy.regions} == {"AA", "QQ"}
    assert any("no head" in f.what for f in got.findings)


def test_decimal_commas_are_decimals() -> None:
    for name in ("decimalcomma3", "decimal_mixed"):
        path = CASES / f"tables/{name}_2020.csv"
        made = read("long", path).economy
        rows = [line.split(";") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        makers = {s.name.en for s in made.sectors}
        codes = {r.code for r in made.regions}
        within = [r for r in rows if {r[0], r[2]} <= codes and {r[1], r[3]} <= makers]
        amounts = sorted(float(r[4].replace(",", ".")) for r in within)
        np.testing.assert_allclose(np.sort(made.links().data), amounts)


@pytest.mark.parametrize("name", ["d_dimshort", "d_fill"])
def test_workbooks_are_read_whole(name: str) -> None:
    added = additions.add(book.load("teaching"), CASES / f"excel/{name}.xlsx")
    assert dict(added.rows) == {"stock": 6}


@pytest.mark.parametrize(
    ("name", "says"),
    [("dl_pct2", "Write 6 if 6% is meant"), ("dk_dup", "row 2 (N, parts) said")],
)
def test_workbooks_that_are_asked_about(name: str, says: str) -> None:
    added = additions.add(book.load("teaching"), CASES / f"excel/{name}.xlsx")
    assert added.economy is None
    assert any(says in str(f) for f in added.findings)


def test_a_period_typed_into_the_template() -> None:
    added = additions.add(book.load("teaching"), CASES / "excel/tmpl_period.xlsx")
    assert added.economy is not None
    assert [t.period for t in added.economy.facts.targets] == ["2022-04"]


@pytest.mark.parametrize(("name", "says"), [("deep", "nested too deeply"), ("mkneg", "markets is -1")])
def test_books_that_are_refused(name: str, says: str) -> None:
    with pytest.raises(BookError, match=says):
        book.load(CASES / name)


def test_the_unit_of_ten_thousand_is_read() -> None:
    from ballast.units import Money

    e = book.load(CASES / "book_unit_10000")
    assert Money.read(e.unit, e.currency).scale == 1e4
    assert check(e) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nulname", r"U\+0000"),
        ("title256", "256 characters"),
        ("yr9999", "the year 9999"),
        ("excel/s_frac", "Write 30 if 30%"),
    ],
)
def test_scenarios_that_are_refused(name: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        load(CASES / f"{name}.toml")
