"""A small economy with round numbers: 3 regions x 4 sectors, electricity known in GWh."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.economy.economy import Carrier, Region, Sector
from ballast.scenario import Scenario, parse
from ballast.text import Text

REGIONS = (
    Region("SH", Text("Shanghai", "上海")),
    Region("JS", Text("Jiangsu", "江苏"), aliases=("苏",)),
    Region("SC", Text("Sichuan", "四川省")),
)
SECTORS = (
    Sector(
        "parts",
        Text("Vehicle parts", "汽车零部件"),
        industry=True,
        goods=True,
        storable=True,
        group="making",
    ),
    Sector("cars", Text("Vehicles", "汽车"), industry=True, goods=True, storable=True, group="making"),
    Sector("power", Text("Electricity", "电力"), industry=True),
    Sector("services", Text("Services", "服务业")),
)
N, K, R = 12, 4, 3


def build() -> Economy:
    """Node = region x 4 + sector. Every maker buys 10 of parts and, by region, 20 of electricity."""
    region = np.repeat(np.arange(R), K)
    sector = np.tile(np.arange(K), R)
    links = np.zeros((N, N))
    for r in range(R):
        for s in range(K):
            links[[0, 4, 8], r * K + s] = 10 / 3  # parts from all three regions
            links[r * K + 2, r * K + s] = (20, 60, 0, 20)[s]  # electricity from home
    final = np.zeros((N, 2 * R))
    for r in range(R):
        final[[1, 5, 9], 2 * r] = 30.0  # households buy cars from all
        final[r * K + 2, 2 * r] = 100.0  # and electricity from home: 200 bought in each region
        final[r * K + 3, 2 * r + 1] = 50.0  # government buys services
    exports = np.full(N, 5.0)
    output = links.sum(axis=1) + final.sum(axis=1) + exports
    imports = np.zeros((K, N))
    imports[0] = 5.0
    added = output - links.sum(axis=0) - imports.sum(axis=0)
    return Economy.from_links(
        links,
        final=final,
        final_region=[0, 0, 1, 1, 2, 2],
        final_category=[0, 1] * 3,
        imports=imports,
        node_region=region.tolist(),
        node_sector=sector.tolist(),
        name="toy",
        title=Text("Toy", "玩具"),
        unit="m",
        currency="CNY",
        year=2020,
        regions=REGIONS,
        sectors=SECTORS,
        categories=(
            ("households", Text("Households", "居民消费")),
            ("government", Text("Government", "政府消费")),
        ),
        value_added_labels=(("va", Text("Value added", "增加值")),),
        output=output,
        exports=exports,
        value_added=added[None, :],
        carriers=(Carrier("electricity", Text("Electricity", "电力"), 2, "GWh", np.full(R, 73000.0)),),
    )


@pytest.fixture(scope="session")
def toy() -> Economy:
    return build()


HEAD = """
title = { en = "A test", zh = "测试" }
summary = { en = "A test", zh = "测试" }
book = "toy"
start = 2022-03-01
days = 10
"""


def shock(kind: str, path: str = "[[2022-03-03, 40]]", **more: str) -> str:
    """One [[shocks]] table."""
    lines = [f"{key} = {value}" for key, value in more.items()]
    title = 'title = { en = "Shock", zh = "冲击" }'
    return "\n".join(["[[shocks]]", f'kind = "{kind}"', title, f"path = {path}", *lines, ""])


def scenario(*shocks: str, head: str = HEAD) -> Scenario:
    return parse(head + "\n".join(shocks), "test.toml")
