"""Ids of cases and blockages: what they are about, whatever the draws, the seed and the shock's size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ballast.answer import respond
from ballast.answer.blockages import identity
from ballast.answer.causes import Cause
from ballast.scenario import parse

from .conftest import DRAWS, PLACES, SEVERAL


@pytest.fixture(scope="module")
def others(asked):
    """The same question with another seed, other draws and other places; and with a milder shock."""
    milder = parse(
        SEVERAL.replace("[[2022-01-11, 10, 0, 20]]", "[[2022-01-11, 35, 30, 40]]"), "milder.toml"
    )
    return (
        respond(asked.scenario, book=asked.economy, draws=DRAWS + 3, relief=PLACES, seed=7),
        respond(asked.scenario, book=asked.economy, draws=2, relief=1),
        respond(milder, book=asked.economy, draws=2, relief=1),
    )


def test_draws_seed_and_places_have_no_part_in_an_id(asked, others):
    for other in others[:2]:
        assert [b.id for b in other.blockages] == [b.id for b in asked.answer.blockages]
        assert [c.id for c in other.cases] == [c.id for c in asked.answer.cases]


def test_what_is_found_again_under_a_milder_shock_has_the_id_it_had(asked, others):
    mine = {b.id: b for b in asked.answer.blockages}
    both = [(mine[b.id], b) for b in others[2].blockages if b.id in mine]
    assert len(both) > 3
    for one, other in both:
        assert (one.kind, one.region_from, one.region_to) == (
            other.kind,
            other.region_from,
            other.region_to,
        )
        assert one.saved != other.saved  # it is another run
    assert {c.id for c in asked.answer.cases} & {c.id for c in others[2].cases}


def test_no_two_have_one_id(asked):
    for found in (asked.answer.blockages, asked.answer.cases):
        assert len({x.id for x in found}) == len(found) > 1


def test_ids_say_what_is_meant_in_codes(asked):
    """The plants, the road and the imports of the scenario, written out."""
    ids = {b.id for b in asked.answer.blockages}
    assert {"place C.parts", "roads W > C"} <= ids
    kinds = {b.id: b.kind for b in asked.answer.blockages}
    assert all(i.split()[0] == kind for i, kind in kinds.items())
    for c in asked.answer.cases:
        codes, e = asked.economy.node_codes, asked.economy
        seller = codes[c.supplier] if c.supplier >= 0 else "abroad"
        assert c.id == f"{seller} > {codes[c.customer]}: {e.sectors[c.product].code}"


def test_two_causes_never_share_an_id(asked):
    """Every cause that this economy and scenario can have: nodes, slots, roads, imports, ports."""
    e, bench = asked.economy, asked.bench
    ends = list(itertools.product(range(-1, e.r), repeat=2))
    causes = [
        *(Cause("place", node=j) for j in range(e.n)),
        *(Cause("input", slot=s) for s in range(len(bench.run.system.need))),
        *(Cause("roads", origin=o, destination=d) for o, d in ends if (o, d) != (-1, -1)),
        *(Cause("imports", product=k, destination=d) for k in range(-1, e.k) for d in range(-1, e.r)),
        *(Cause("port", shock=s) for s in range(-1, len(asked.scenario.shocks))),
    ]
    ids = [identity(bench, c) for c in causes]
    assert len(set(ids)) == len(causes) == len(set(causes))
    assert len(causes) > e.n + int(np.size(bench.run.system.need))
