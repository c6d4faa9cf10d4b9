"""Campaigns end in the same bytes: killed and gone on with, on threads or a cluster, a worker killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ballast import machine, safe
from ballast.economy import book
from ballast.errors import InputError, OutputError
from ballast.propagate import campaign
from ballast.propagate.campaign.card import _batches as batches_of
from ballast.propagate.campaign.card import _ended as ended
from ballast.propagate.campaign.card import on_card
from ballast.propagate.campaign.parts import OUTCOMES, Groups, Job, Part, run_part
from ballast.propagate.campaign.tables import TABLES, exceedance
from ballast.propagate.ensemble import design, run_ensemble
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import prepare
from ballast.scenario import load

DRAWS, SIZE = 40, 8
FILES = (*TABLES, "campaign.json", "manifest.json")


def small(**more) -> campaign.Plan:
    return campaign.plan(["vehicle-parts"], **{"draws": DRAWS, "size": SIZE, **more})


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "campaign"
    found = campaign.run(small(), folder, spread=campaign.on_threads(1))
    assert (found.kept, found.ran, found.damaged) == (0, DRAWS // SIZE, ())
    return folder


# ---- the numbers -------------------------------------------------------------------------------


def test_draws_are_those_of_an_ensemble(whole: Path) -> None:
    economy, plot = book.load("teaching"), load("vehicle-parts")
    points = design(plot, DRAWS, 1)
    alone = run_ensemble(economy, plot, points)
    table = pd.read_parquet(whole / "draws.parquet")
    weight = np.where(economy.is_industry, economy.total_value_added, 0.0)
    expected = 100 * (alone.monthly.astype(float) @ (weight / weight.sum()) - 1)
    months = [c for c in table.columns if c.startswith("deviation_pct.")]
    np.testing.assert_allclose(table[months].to_numpy(), expected, atol=2e-5)  # float32 on both sides
    for name in points[0]:
        np.testing.assert_array_equal(table[f"quantile.{name}"], [p[name] for p in points])
    assert table.outcome.tolist() == list(alone.outcomes)


def test_the_summary_is_quantiles_of_the_draws(whole: Path) -> None:
    draws, table = pd.read_parquet(whole / "draws.parquet"), pd.read_csv(whole / "summary.csv")
    country = table[table.by == "country"].set_index("month")
    for month in ("2022-01", "2022-02"):
        values, row = draws[f"deviation_pct.{month}"], country.loc[month]
        expected = [values.mean(), values.min(), *np.percentile(values, [5, 50, 95]), values.max()]
        found = [row["mean"], row.lowest, row.q05, row.q50, row.q95, row.highest]
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    lost = table[(table.measure == "lost") & (table.by == "country")].iloc[0]
    assert lost.q90 == pytest.approx(np.percentile(draws.lost, 90), rel=1e-7)


def test_exceedance_by_hand() -> None:
    """Of 1..20, one in twenty exceeds 19.05 (the 95th percentile): one draw; half exceed 10.5: ten."""
    found = {p: (n, x) for p, n, x in exceedance(np.arange(1.0, 21.0))}
    assert found[0.05] == (1, pytest.approx(19.05))
    assert found[0.5] == (10, pytest.approx(10.5))
    assert min(found) == 0.05, "no share of less than one draw"


def test_nodes_hold_mean_and_range(whole: Path) -> None:
    economy, plot = book.load("teaching"), load("vehicle-parts")
    monthly = run_ensemble(economy, plot, design(plot, DRAWS, 1)).monthly.astype(float)
    table = pd.read_parquet(whole / "nodes.parquet")
    row = table[(table.node == economy.node_codes[5]) & (table.month == "2022-01")].iloc[0]
    v = 100 * (monthly[:, 0, 5] - 1)
    found = [row.mean_pct, row.lowest_pct, row.highest_pct]
    np.testing.assert_allclose(found, [v.mean(), v.min(), v.max()], atol=1e-4)


def test_draws_that_diverged_are_counted_and_left_out(tmp_path: Path, monkeypatch) -> None:
    real = campaign.run_part

    def sick(economy, scenario, quantiles, *rest) -> Part:
        part = real(economy, scenario, quantiles, *rest)
        outcome, level = part.outcome.copy(), part.level.copy()
        outcome[0], level[0] = OUTCOMES.index("diverged"), np.nan
        return part._replace(outcome=outcome, level=level)

    monkeypatch.setattr("ballast.propagate.campaign.folder.run_part", sick)
    found = campaign.run(small(), tmp_path / "sick", spread=campaign.on_threads(1))
    assert found.document["results"][0]["outcomes"] == {
        "completed": DRAWS - DRAWS // SIZE, "collapsed": 0, "diverged": DRAWS // SIZE,
    }  # fmt: skip
    summary = pd.read_csv(tmp_path / "sick" / "summary.csv")
    assert summary.select_dtypes("number").notna().all(axis=None)


def test_other_models_run_too(tmp_path: Path) -> None:
    found = campaign.run(small(model="ario", draws=4), tmp_path / "ario")
    table = pd.read_parquet(tmp_path / "ario" / "draws.parquet")
    drawn = {c.removeprefix("quantile.") for c in table.columns if c.startswith("quantile.")}
    assert {c for c in drawn if not c.startswith("shock.")} == {"book", "trade"}
    assert found.document["model"] == "ario"


# ---- the same bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [2, 5])
def test_the_number_of_threads_changes_nothing(whole: Path, tmp_path: Path, threads: int) -> None:
    campaign.run(small(), tmp_path / "other", spread=campaign.on_threads(threads))
    assert content(tmp_path / "other") == content(whole)


def test_a_damaged_part_is_found_and_run_again(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    campaign.run(small(), folder)
    parts = sorted((folder / "parts").iterdir())
    parts[1].write_bytes(parts[1].read_bytes()[:-20])
    text = bytearray(parts[2].read_bytes())
    text[len(text) // 2] ^= 1
    parts[2].write_bytes(bytes(text))
    parts[3].write_bytes(parts[0].read_bytes())  # whole, but another part
    found = campaign.run(small(), folder)
    assert found.damaged == tuple(p.name for p in parts[1:4])
    assert (found.kept, found.ran) == (DRAWS // SIZE - 3, 3)
    assert content(folder) == content(whole)


class Stop(Exception):
    pass


def test_stopped_by_an_error_and_gone_on_with(whole: Path, tmp_path: Path) -> None:
    calls = 0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal calls
        calls += stage == "draws" and done > 0
        if calls == 2:
            calls = 99
            raise Stop

    folder = tmp_path / "campaign"
    with pytest.raises(Stop):
        campaign.run(small(), folder, spread=campaign.on_threads(1), progress=progress)
    kept = len(list((folder / "parts").iterdir()))
    assert 0 < kept < DRAWS // SIZE
    assert campaign.run(small(), folder).kept == kept
    assert content(folder) == content(whole)


def killed(folder: Path, draws: int, parts: int) -> None:
    """Start a campaign in a process of its own and kill it once it has written some parts."""
    code = f"""
from pathlib import Path
from ballast.propagate import campaign
campaign.run(campaign.plan(["vehicle-parts"], draws={draws}, size=4), Path({str(folder)!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 120
    while len(list(folder.glob("parts/part-*.npz"))) < parts:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_at_any_moment_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    draws, plan = 400, campaign.plan(["vehicle-parts"], draws=400, size=4)
    campaign.run(plan, tmp_path / "whole")
    for parts in (1, 7, 30):
        killed(tmp_path / "broken", draws, parts)
    found = campaign.run(plan, tmp_path / "broken")
    assert found.kept >= 30
    assert found.ran > 0
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    assert not list((tmp_path / "broken").rglob("*.tmp"))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_draws(tmp_path: Path) -> None:
    """Eight times the draws: less than 8 MB more at the peak, of tables that would be many times that."""

    def peak(draws: int) -> float:
        code = f"""
import resource
from pathlib import Path
from ballast.propagate import campaign
plan = campaign.plan(["vehicle-parts"], draws={draws})
campaign.run(plan, Path({str(tmp_path / str(draws))!r}), spread=campaign.on_threads(2))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
        return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

    assert peak(4000) - peak(500) < 8.0


# ---- folders -----------------------------------------------------------------------------------


def test_another_campaign_in_the_folder_is_refused_with_what_differs(whole: Path) -> None:
    before = content(whole)
    with pytest.raises(InputError, match="holds another campaign") as found:
        campaign.run(small(draws=DRAWS + 1, seed=2), whole)
    lines = str(found.value).splitlines()
    assert "  draws: 40 there, 41 now" in lines
    assert "  seed: 1 there, 2 now" in lines
    assert content(whole) == before


def test_values_that_look_alike_are_shown_apart(tmp_path: Path) -> None:
    text = safe.json_text(small().manifest).replace('"seed": 1', '"seed": "1"')
    assert '"seed": "1"' in text
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r'seed: "1" there, 1 now'):
        campaign.run(small(), tmp_path)


@pytest.mark.parametrize("text", ["null", "[1]", '"x"', '{"scenarios": [1]}'])
def test_a_manifest_that_is_none_says_so_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"manifest.json cannot be read \(it holds no settings of a campaign\)"
    ):
        campaign.run(small(), tmp_path)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds something else \(notes.txt\)"):
        campaign.run(small(), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        campaign.run(small(), tmp_path / "x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        campaign.run(small(), tmp_path / "x")


def test_a_full_disk_keeps_what_is_finished(tmp_path: Path, monkeypatch) -> None:
    real, written = os.replace, []

    def full(source, target) -> None:
        if Path(target).suffix == ".npz" and len(written) == 2:
            raise OSError(28, "No space left on device", str(target))
        written.append(target) if Path(target).suffix == ".npz" else None
        real(source, target)

    monkeypatch.setattr(machine.os, "replace", full)
    with pytest.raises(OutputError, match=r"No space left on device.*the same command goes on"):
        campaign.run(small(), tmp_path / "x", spread=campaign.on_threads(1))
    monkeypatch.undo()
    assert not list((tmp_path / "x").rglob("*.tmp"))
    assert campaign.run(small(), tmp_path / "x").kept == 2


def test_two_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / "x").mkdir()
    handle = os.open(tmp_path / "x", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="another process is working"):
        campaign.run(small(), tmp_path / "x")
    os.close(handle)


def test_wrong_numbers_are_said_at_once() -> None:
    with pytest.raises(InputError) as found:
        campaign.plan(["vehicle-parts"], draws=1, seed=-1, size=0, model="boario")
    assert [x.split(":")[0] for x in str(found.value).splitlines()] == [
        "draws", "seed", "part", "model boario",
    ]  # fmt: skip


def test_scenarios_of_two_books_or_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="different books"):
        campaign.plan(["vehicle-parts", "chip-shortage"], draws=2)
    with pytest.raises(InputError, match="same name: vehicle-parts"):
        campaign.plan(["vehicle-parts", "vehicle-parts"], draws=2)


def test_several_scenarios_stand_in_the_tables_in_order(tmp_path: Path) -> None:
    plot = load("vehicle-parts")
    other = replace(plot, name="again", shocks=plot.shocks[:1])
    campaign.run(campaign.plan([plot, other], draws=4, size=2), tmp_path / "two")
    table = pd.read_csv(tmp_path / "two" / "summary.csv")
    assert list(dict.fromkeys(table.scenario)) == ["vehicle-parts", "again"]
    document = json.loads((tmp_path / "two" / "campaign.json").read_text("utf-8"))
    assert [r["scenario"] for r in document["results"]] == ["vehicle-parts", "again"]


def test_groups_are_value_weighted_means() -> None:
    economy = book.load("teaching")
    groups = Groups.of(economy)
    level = np.random.default_rng(0).random(economy.n)
    weight = np.where(economy.is_industry, economy.total_value_added, 0.0)
    for by, code, value in zip(groups.by, groups.code, groups.share @ level, strict=True):
        codes = {
            "country": np.full(economy.n, "all"),
            "region": np.array([r.code for r in economy.regions])[economy.node_region],
            "sector": np.array([s.code for s in economy.sectors])[economy.node_sector],
        }[by]
        mine = np.where(codes == code, weight, 0.0)
        assert value == pytest.approx(mine @ level / mine.sum())


# ---- a card --------------------------------------------------------------------------------------


def test_a_batch_of_draws_says_what_single_draws_say(whole: Path, tmp_path: Path) -> None:
    """The batch's own code on the processor: the same functions as on a card."""
    plan = small(device="cuda")
    found = campaign.run(plan, tmp_path / "card", spread=on_card("numba"))
    single = json.loads((whole / "campaign.json").read_text())
    assert found.document["results"][0]["outcomes"] == single["results"][0]["outcomes"]
    for name in TABLES:
        read = pd.read_parquet if name.endswith(".parquet") else pd.read_csv
        one, other = (read(f / name) for f in (whole, tmp_path / "card"))
        pd.testing.assert_frame_equal(one, other, rtol=1e-6, atol=1e-6)
    with pytest.raises(InputError, match="another campaign"):
        campaign.run(small(), tmp_path / "card")


def test_batches_hold_jobs_of_one_scenario(monkeypatch) -> None:
    monkeypatch.setattr("ballast.propagate.campaign.card.TOGETHER", 10)
    jobs = [Job(i, i // 4, 4 * (i % 4), 4 * (i % 4) + 4) for i in range(8)]
    assert [[j.number for j in batch] for batch in batches_of(jobs)] == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_draws_that_diverge_or_collapse_are_told_apart_in_a_batch() -> None:
    run = prepare(book.load("teaching"), load("vehicle-parts"), load_parameters(), {})
    days = run.forcing.days
    level = np.ones((1, run.economy.n))
    assert ended(run, np.ones(days), level) == "completed"
    assert ended(run, np.full(days, 0.1), level) == "collapsed"
    assert ended(run, np.ones(days), level * np.nan) == "diverged"


# ---- a cluster ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ray() -> Iterator[object]:
    """One local cluster of two workers for all tests here."""
    found = pytest.importorskip("ray", reason="needs the extra cluster")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    found.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield found
    found.shutdown()


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(ray, whole: Path, tmp_path: Path) -> None:
    from ballast.propagate.campaign.cluster import on_cluster

    campaign.run(small(), tmp_path / "cluster", spread=on_cluster("local"))
    assert content(tmp_path / "cluster") == content(whole)


def workers_at_work() -> list[int]:
    """Processes that run a part for Ray at this moment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::_work"):
                found.append(int(path.parent.name))
        except OSError:  # it has just ended
            continue
    return found


@pytest.mark.slow
def test_a_worker_killed_half_way_changes_nothing(ray, tmp_path: Path) -> None:
    from ballast.propagate.campaign.cluster import on_cluster

    plan = campaign.plan(["vehicle-parts"], draws=1200, size=200)
    campaign.run(plan, tmp_path / "whole")
    killed: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        for pid in workers_at_work() if stage == "draws" and not killed else []:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    campaign.run(plan, tmp_path / "cluster", spread=on_cluster("local"), progress=progress)
    assert killed, "no worker was at work when looked for"
    assert content(tmp_path / "cluster") == content(tmp_path / "whole")


@pytest.mark.slow
def test_a_worker_with_other_code_is_refused(ray, tmp_path: Path, monkeypatch) -> None:
    from ballast.propagate.campaign import cluster

    monkeypatch.setattr(cluster, "code_hash", lambda: "0" * 64)
    with pytest.raises(InputError, match="another version of ballast"):
        campaign.run(small(), tmp_path / "x", spread=cluster.on_cluster("local"))


def test_without_ray_the_extra_is_named(monkeypatch, tmp_path: Path) -> None:
    from ballast.propagate.campaign.cluster import on_cluster

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install 'ballaststone\[cluster\]'"):
        on_cluster("local")


def test_a_part_is_a_pure_function() -> None:
    economy, plot = book.load("teaching"), load("vehicle-parts")
    points = design(plot, 4, 1)
    both = [run_part(economy, plot, points) for _ in range(2)]
    for a, b in zip(*both, strict=True):
        np.testing.assert_array_equal(a, b)
    first, second = run_part(economy, plot, points[:2]), run_part(economy, plot, points[2:])
    np.testing.assert_array_equal(np.concatenate([first.level, second.level]), both[0].level)
