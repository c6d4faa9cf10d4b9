"""Finland's regions: totals as published, and origins that meet both margins."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy.readers import finland, read
from ballast.errors import BookError
from ballast.text import barred

from .conftest import DATA, needs_data, whole

FOLDER = DATA / "finland_regional"


@needs_data
def test_the_published_table():
    got = read("finland", FOLDER)
    e = got.economy
    cubes = finland.read_cubes(FOLDER, None)
    assert (e.r, e.k, e.n) == (19, 30, 570)
    np.testing.assert_allclose(e.output, cubes.output.ravel())
    np.testing.assert_allclose(
        e.input_cost() + e.value_added[:5].sum(axis=0), cubes.output.ravel(), rtol=1e-6, atol=1e-3
    )
    # every region uses what it was said to use of others' products
    z = e.links().toarray().reshape(19, 30, 19, 30)
    from_away = z.sum(axis=(0, 1)) - np.einsum("rirs->rs", z)
    np.testing.assert_allclose(from_away, cubes.away.sum(axis=1), rtol=1e-6, atol=1e-6)
    assert all(s.like for s in e.sectors)
    whole(e)


@needs_data
def test_origins_meet_what_nodes_send_and_regions_take():
    c = finland.read_cubes(FOLDER, None)
    fit = finland.origins(c, None, 0.0)
    taken = c.away.sum(axis=2) + c.away_final.sum(axis=2) + c.passed
    np.testing.assert_allclose(fit.matrix.sum(axis=0), taken.ravel(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fit.matrix.sum(axis=1), c.sent.ravel(), rtol=1e-6, atol=1e-6)
    own = fit.matrix.reshape(19, 30, 19, 30)[np.arange(19), :, np.arange(19), :]
    assert own.sum() == 0


@needs_data
def test_distance_moves_trade_to_neighbours(tmp_path):
    """A made-up line of regions: the first trades with the second more than without distance."""
    names = [row[0] for row in barred(finland._REGIONS)]
    rows = ["from,to,km"] + [
        f"{a},{b},{100 * abs(i - j) or 40}"
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i <= j
    ]
    (tmp_path / "km.csv").write_text("\n".join(rows), encoding="utf-8")
    flat = read("finland", FOLDER).economy
    near = read("finland", FOLDER, distance=tmp_path / "km.csv").economy

    def to_second(e):
        z = e.links().toarray().reshape(19, 30, 19, 30)
        return z[0, :, 1].sum() / (z[0].sum() - z[0, :, 0].sum())

    assert to_second(near) > 1.5 * to_second(flat)
    whole(near)


def test_a_folder_without_the_tables(tmp_path):
    with pytest.raises(BookError, match="io, io_reg, io_imp and supp"):
        read("finland", tmp_path)


def cube(tmp_path, last: str):
    """A long table in which every region uses 5, but the last what `last` says."""
    regions = [line.split("|")[0] for line in finland._REGIONS.strip().splitlines()]
    rows = [f"{r},01 a,01 b,{last if r == regions[-1] else 5}" for r in regions]
    path = tmp_path / "io2014.csv"
    path.write_text("\n".join(["REG,COM,IND,value", *rows]) + "\n", encoding="utf-8")
    take, found = finland._cube(path)
    return take(["01"], ["01"])[-1, 0, 0], [f.level for f in found]


@pytest.mark.parametrize(("last", "value", "level"), [('"1,200"', 1200, "note"), ("NA", 0, "warning")])
def test_cells_as_offices_write_them(tmp_path, last, value, level):
    assert cube(tmp_path, last) == (value, [level])


@pytest.mark.parametrize(
    ("last", "says"), [("1,200", "row 20: has more cells"), ("lots", "row 20, column value: holds 'lots'")]
)
def test_cells_that_hold_no_number(tmp_path, last, says):
    with pytest.raises(BookError, match=says):
        cube(tmp_path, last)
