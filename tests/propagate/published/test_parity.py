"""The published models equal other people's programs: BoARIO 0.7.2, pyIEEM, Inoue and Todo's toy.

BoARIO's outputs lie under ../shared/oracles (outputs of a run as a black box, its README says how); pymrio
brings the table they were made on. pyIEEM's numbers were made with its own functions (github.com/twallema/
pyIEEM, commit 23c5b59, MIT) on the six-sector table below; they are facts and stand here.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ballast.propagate.published import reference as pooled
from ballast.propagate.published.reference import MODELS, Damage, Model, Sky, Table

ORACLES = Path(__file__).parents[4] / "shared" / "oracles" / "boario"
DAYS = 365


def output(model: Model, table: Table, sky: Sky) -> np.ndarray:
    """[T, N] output of a run."""
    return np.array([day.output for day in pooled.run(model, table, sky)])


# ---- BoARIO ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mrio() -> tuple[Table, np.ndarray]:
    """pymrio's test table in alphabetical order, as BoARIO has it, and the region of each node."""
    pymrio = pytest.importorskip("pymrio", reason="needs pymrio for its test table")
    system = pymrio.load_test().calc_all()
    order = sorted(range(len(system.Z)), key=lambda i: system.Z.index[i])
    columns = sorted(range(system.Y.shape[1]), key=lambda c: system.Y.columns[c])
    names = [system.Z.index[i] for i in order]
    z = system.Z.to_numpy()[np.ix_(order, order)]
    y = system.Y.to_numpy()[np.ix_(order, columns)]
    x = system.x.to_numpy().ravel()[order]
    region = np.array([r for r, _ in names])
    sectors = sorted({s for _, s in names})
    product = np.array([sectors.index(s) for _, s in names], np.int32)
    member = (product[None, :] == np.arange(len(sectors))[:, None]).astype(float)
    need = member @ (z * (1 / x))
    assert x.sum() == pytest.approx(3324005349.305, rel=1e-12)  # as the table is known
    return (
        Table(
            x0=x * (1 / 365),
            product=product,
            region=np.unique(region, return_inverse=True)[1].astype(np.int32),
            flow=z * (1 / 365),
            need=need,
            foreign=np.zeros_like(need),
            final=y * (1 / 365),
            capital=np.maximum(x - np.ascontiguousarray(z.T).sum(axis=1), 0.0),
            days=np.full_like(need, 90.0),
            essential=np.ones_like(need),
            households=np.zeros(y.shape[1], bool),
        ),
        region,
    )


def published(case: str) -> np.ndarray:
    """[T, N] BoARIO's production."""
    path = ORACLES / f"{case}_production.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout")
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row[0].isdigit()]
    return np.array([[float(v) for v in row[1:]] for row in rows])


def weather(table: Table, level: np.ndarray, damage: Damage | None = None) -> Sky:
    k, n = table.need.shape
    days = len(level)
    return Sky(level, np.ones((days, k, table.final.shape[1])), np.ones((days, k, n)), damage)


def struck(region: np.ndarray, loss: float, tau: float, *, late: int) -> np.ndarray:
    """[T, N] capacity of the first region: hit on day 5 for ten days, linear recovery; BoARIO's clock.

    What hits capital is at full strength through the day after its last; what hits capacity bites and
    recovers a day later than that.
    """
    day = np.arange(DAYS)
    left = np.where(day >= 5 + late, pooled.recovery("linear", tau, day - 5.0 - 10 - 1 - late), 0.0)
    return 1.0 - loss * left[:, None] * (region == region[0])


BOARIO = replace(MODELS["ario"], gates=True, input_threshold=1e-5)
BASE = replace(BOARIO, psi=1.0, restock=1.0)


@pytest.mark.parametrize(
    ("case", "model", "loss", "tau", "late"),
    [
        ("recover_ARIOPsiModel", BOARIO, 0.2, 90, 0),
        ("recover_ARIOBaseModel", BASE, 0.2, 90, 0),
        ("arb_ARIOPsiModel", BOARIO, 0.3, 60, 1),
    ],
)
def test_ario_is_boario(mrio, case: str, model: Model, loss: float, tau: float, late: int) -> None:
    table, region = mrio
    mine = output(model, table, weather(table, struck(region, loss, tau, late=late)))
    np.testing.assert_allclose(mine, published(case), rtol=1e-9)


def test_ario_rebuilds_as_boario_does(mrio) -> None:
    """A fifth of the first region's capital is rebuilt by two sectors; output ends at a third."""
    table, region = mrio
    damage = Damage(5, 10, 90, np.where(region == region[0], 0.2, 0.0), {2: 0.7, 3: 0.3})
    mine = output(BOARIO, table, weather(table, np.ones((DAYS, len(region))), damage))
    np.testing.assert_allclose(mine, published("rebuild_ARIOPsiModel"), rtol=1e-9)
    assert mine[-1].sum() < 0.4 * table.x0.sum()  # the known pathology, not an error of ours


# ---- Pichler et al. as pyIEEM codes it ---------------------------------------------------------

NEED = np.array([
    [0.036, 0.001, 0.064, 0.047, 0.247, 0.034], [0.052, 0.235, 0.076, 0.119, 0.053, 0.117],
    [0.029, 0.048, 0.134, 0.010, 0.059, 0.073], [0.046, 0.025, 0.016, 0.008, 0.133, 0.162],
    [0.011, 0.045, 0.223, 0.165, 0.059, 0.001], [0.173, 0.026, 0.052, 0.104, 0.002, 0.105],
])  # fmt: skip
HOUSEHOLDS = np.array([23.5, 7.3, 18.5, 17.7, 26.8, 14.0])
OTHERS = np.array([9.8, 2.8, 7.0, 6.2, 4.0, 12.6])
CRITICAL = np.array([
    [0.5, 0.5, 0.5, 1.0, 0.5, 1.0], [1.0, 0.5, 0.5, 0.5, 0.5, 1.0], [1.0, 1.0, 0.5, 0.5, 0.5, 0.0],
    [0.5, 0.5, 1.0, 0.5, 0.5, 0.5], [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.5, 1.0, 0.0, 0.5, 1.0, 0.0],
])  # fmt: skip
PYIEEM = {  # output on days 20 and 44
    "leontief": ([6.417998029894401, 5.032405709598621, 5.6605327115237705, 4.336028437847386,
                  5.105798967184073, 6.179823443602816],
                 [10.011768690210486, 7.839944857476167, 8.814553284083186, 18.5077877958261,
                  7.980580245513907, 9.628220443965315]),
    "strong": ([6.417998029894401, 5.032405709598621, 5.6605327115237705, 4.336028437847386,
                5.105798967184073, 6.179823443602816],
               [10.011768690210486, 7.839944857476167, 8.814553284083186, 18.5077877958261,
                7.980580245513907, 9.628220443965315]),
    "half": ([21.88455147658946, 19.477941579913402, 6.018294487363579, 4.336028437847386,
              25.98924108464618, 24.50246288640286],
             [11.501735471581558, 8.18103054071707, 9.776327679017589, 17.598196647867862,
              20.705256898223976, 11.731247766632398]),
    "weak": ([21.88455147658946, 6.651434946760099, 6.139296108139862, 4.336028437847386,
              26.219870180684556, 25.081619277092244],
             [11.529744733116841, 8.002522137976417, 9.787534498389373, 17.58898564535218,
              20.724474505297803, 11.780146746584872]),
    "linear": ([21.88455147658946, 27.269118211878762, 35.756288291443894, 4.336028437847386,
                26.381091551640758, 36.03144816936623],
               [32.339741143521096, 27.50877080458788, 35.3385144106395, 18.082995621907823,
                27.50701919645244, 34.36886176423259]),
}  # fmt: skip


def six() -> tuple[Table, Sky]:
    """Sectors lose staff from day 3 to 39; households and others buy less from day 5 to 44."""
    x0 = np.linalg.solve(np.eye(6) - NEED, HOUSEHOLDS + OTHERS)
    cover = np.array([4.0, 12, 6, 3, 8, 20])[:, None] * np.ones(6)
    table = Table(
        x0=x0,
        product=np.arange(6, dtype=np.int32),
        region=np.zeros(6, np.int32),
        flow=NEED * x0,
        need=NEED,
        foreign=np.zeros((6, 6)),
        final=np.stack([HOUSEHOLDS, OTHERS], axis=1),
        capital=np.ones(6),
        days=cover,
        essential=CRITICAL,
        households=np.array([True, False]),
    )
    day = np.arange(60)
    level = np.ones((60, 6))
    level[(day >= 3) & (day < 40)] -= [0.6, 0.3, 0.1, 0.9, 0.5, 0.2]
    demand = np.ones((60, 6, 2))
    less = (day >= 5) & (day < 45)
    demand[less, :, 0] -= [0.3, 0.0, 0.1, 0.4, 0.6, 0.2]
    demand[less, :, 1] -= 0.15
    return table, Sky(level, demand, np.ones((60, 6, 6)))


@pytest.mark.parametrize("production", PYIEEM)
def test_pichler_is_pyieem(production: str) -> None:
    table, sky = six()
    mine = output(replace(MODELS["pichler"], production=production), table, sky)
    np.testing.assert_allclose(mine[[20, 44]], PYIEEM[production], rtol=1e-12)


def test_pichler_leontief_loses_most_and_linear_least() -> None:
    table, sky = six()
    lost = [
        -output(replace(MODELS["pichler"], production=p), table, sky).sum()
        for p in ("leontief", "strong", "half", "linear")
    ]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > lost[-1]


# ---- Inoue and Todo ----------------------------------------------------------------------------


def pair() -> Table:
    """Two firms; each sells 100 a day to the other and 100 to consumers."""
    return Table(
        x0=np.array([200.0, 200.0]),
        product=np.array([0, 1], np.int32),
        region=np.zeros(2, np.int32),
        flow=np.array([[0.0, 100.0], [100.0, 0.0]]),
        need=np.array([[0.0, 0.5], [0.5, 0.0]]),
        foreign=np.zeros((2, 2)),
        final=np.array([[100.0], [100.0]]),
        capital=np.ones(2),
        days=np.full((2, 2), 15.0),
        essential=np.ones((2, 2)),
        households=np.array([True]),
    )


def test_inoue_todo_is_the_toy() -> None:
    """Firm 1 loses a tenth from day 0; n = 15, tau = 6: total output of the first days as published."""
    level = np.ones((7, 2))
    level[:, 0] = 0.9
    total = output(MODELS["inoue-todo"], pair(), weather(pair(), level)).sum(axis=1)
    np.testing.assert_allclose(
        total, [380, 343.3333, 303.8889, 251.8519, 231.2191, 200, 200], rtol=0, atol=5e-5
    )


@pytest.mark.parametrize("rationing", ["proportional", "households_last", "water_fill", "both"])
def test_no_rule_gives_away_more_than_was_made(rationing: str) -> None:
    level = np.ones((20, 2))
    level[:, 0] = 0.7
    model = replace(MODELS["inoue-todo"], rationing=rationing)
    table = pair()
    state = pooled.initial(model, table)
    sky = weather(table, level)
    for day in range(20):
        before = state
        state, shown = pooled.step(model, table, sky, state, day)
        received = state.stock - before.stock + table.need * shown.output
        sent = received.sum() + shown.met.sum()
        assert sent <= shown.output.sum() * (1 + 1e-12)


@pytest.mark.parametrize("key", MODELS)
def test_nothing_happens_where_nothing_is_wrong(mrio, key: str) -> None:
    table, _ = mrio
    table = table._replace(days=np.full_like(table.days, MODELS[key].stock_days))
    path = output(MODELS[key], table, weather(table, np.ones((60, len(table.x0)))))
    np.testing.assert_allclose(
        path, np.broadcast_to(table.x0, path.shape), rtol=1e-6
    )  # the table is rounded
