"""Where numba is not to be had: the same figures from the readable step, and a sentence for the rest."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from propagate.cases import random_economy

import ballast
from ballast import compiled, machine
from ballast.errors import SimulationError
from ballast.threads import ThreadPoolExecutor

# numba is not found; unless asked for, neither are threads and the modules that Python lacks in a browser
PRELUDE = """
import sys, threading

ABSENT = {"numba", "llvmlite", "numba_cuda"}
if "--threads" not in sys.argv:
    ABSENT |= {"fcntl", "resource", "pwd", "grp", "termios", "_multiprocessing"}
for name in ABSENT & set(sys.modules):
    del sys.modules[name]

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

def refuse(*args):
    raise RuntimeError("can't start new thread")

sys.meta_path.insert(0, Absent())
if "--threads" not in sys.argv:
    threading.Thread.start = refuse
    from ballast import machine
    machine.BROWSER = True
"""

ANSWER = """
import json
import ballast

def plain(answer):
    run = ballast.simulate(answer.economy, answer.scenario)
    record = {name: getattr(run.record, name).tolist() for name in run.record._fields}
    bands = [band for name in ("path", "plan_path") for band in vars(getattr(answer, name)).values()]
    names = ("monthly", "by_month", "by_sector")
    tables = [getattr(answer, name).select_dtypes("number") for name in names]
    return {
        "record": record,
        "figures": [*(b.tolist() for b in bands), *(t.to_numpy().tolist() for t in tables)],
        "chosen": [answer.economy.node_codes[row.node] for row in answer.relief.picks],
        "cases": [case.id for case in answer.cases],
    }
"""

ASK = """
answer = ballast.respond("vehicle-parts", draws=4, relief=2)
"""


def without(code: str, *args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """A Python without numba."""
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + code, *args],
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def said(got: subprocess.CompletedProcess[str]) -> Any:
    """The document that it printed."""
    assert got.returncode == 0, got.stderr
    return json.loads(got.stdout)


def command(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A command line without numba, with threads."""
    code = "from ballast.cli import main\nsys.exit(main([a for a in sys.argv[1:] if a != '--threads']))"
    return without(code, *args, "--threads", cwd=cwd, **env)


def test_respond_gives_what_the_compiled_step_gives():
    """All of the teaching book: path, plan, bands, tables, who is helped, the cases; no thread is used."""
    names: dict[str, Any] = {}
    exec(ANSWER, names)
    exec(ASK, names)
    fast = json.loads(json.dumps(names["plain"](names["answer"])))
    assert names["answer"].settings["backend"] == "numba"
    got = without(
        ANSWER + ASK + "print(json.dumps({**plain(answer), 'settings': answer.settings}, default=str))"
    )
    slow = said(got)
    assert slow["settings"]["backend"] == "numpy"
    assert "numba" not in slow["settings"]["versions"]
    assert (slow["chosen"], slow["cases"]) == (fast["chosen"], fast["cases"])
    assert fast["chosen"] == ["C.parts"]
    for name, values in fast["record"].items():
        if name == "binding":  # two inputs that are equally short may change places
            continue
        np.testing.assert_allclose(slow["record"][name], values, rtol=1e-9, atol=1e-9, err_msg=name)
    for a, b in zip(slow["figures"], fast["figures"], strict=True):  # kept in single precision: 6e-8
        np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-6, atol=1e-6)
    assert got.stderr.count("pip install numba") == got.stderr.count("\n") == 1, "said, and once"


def test_it_is_said_in_chinese_too():
    code = (
        "import ballast\n"
        "ballast.simulate(ballast.load_book('teaching'), ballast.load_scenario('vehicle-parts'))"
    )
    got = without(code, LC_ALL="zh_CN.UTF-8", PYTHONIOENCODING="utf-8")
    assert got.returncode == 0
    assert "此处无法加载 numba（No module named 'numba'）" in got.stderr
    assert got.stderr.count("pip install numba") == 1


def test_every_module_can_be_imported():
    """All but the two that are asked for only where numba is there."""
    found = {m.name for m in pkgutil.walk_packages(ballast.__path__, "ballast.")}
    rest = {"ballast.cached", "ballast.propagate.card.cuda", "ballast.__main__"}
    assert rest < found
    names = sorted(found - rest)
    got = without(f"import importlib\nfor name in {names}:\n    importlib.import_module(name)")
    assert (got.returncode, got.stderr) == (0, "")


def test_a_table_is_read_into_the_same_markets():
    code = """
import json
from propagate.cases import random_economy
e = random_economy(4, regions=4)
names = ("slot_market", "market_ptr", "market_supplier", "market_share", "final_market")
print(json.dumps({name: getattr(e, name).tolist() for name in names}))
"""
    got = without(code, PYTHONPATH=os.pathsep.join(sys.path))
    economy = random_economy(4, regions=4)
    for name, values in said(got).items():
        assert values == getattr(economy, name).tolist()
    assert len(economy.market_ptr) > 20
    assert got.stderr == ""


def test_books_and_reports_are_written_and_read_where_there_are_no_locks(tmp_path):
    code = """
import sys
from pathlib import Path
import ballast
from ballast import report
here = Path(sys.argv[1])
ballast.save_book(ballast.load_book("teaching"), here / "book")
answer = ballast.respond("vehicle-parts", book=here / "book", draws=2, relief=0)
print(sorted(p.name for p in report.write(answer, here / "it", "both").files))
"""
    got = without(code, str(tmp_path))
    assert got.returncode == 0, got.stderr
    assert "run.json" in got.stdout
    assert (tmp_path / "it" / "report.html").is_file()


@pytest.mark.parametrize(
    "args",
    [
        ("respond", "vehicle-parts", "--draws", "2", "--model", "ario"),
        ("respond", "vehicle-parts", "--draws", "2", "--model", "pichler"),
        ("campaign", "vehicle-parts", "--draws", "2", "--device", "cuda", "--out", "it"),
    ],
    ids=["ario", "pichler", "card"],
)
def test_what_needs_numba_says_so_in_a_sentence(args, tmp_path):
    got = command(*args, "--json", cwd=tmp_path)
    assert got.returncode == 1
    error = json.loads(got.stdout)["error"]
    assert error["kind"] == "SimulationError"
    assert error["message"].startswith("refused: this needs numba")
    assert "pip install numba" in error["message"]
    assert "Traceback" not in got.stderr


def test_a_batch_is_refused_too():
    code = """
from ballast.propagate.campaign.card import on_card
from ballast.errors import SimulationError
try:
    on_card("numba")
except SimulationError as error:
    print(error)
"""
    assert "this needs numba" in without(code).stdout


def test_a_campaign_runs_and_says_what_made_its_figures(tmp_path):
    found = said(
        command("campaign", "vehicle-parts", "--draws", "3", "--out", "it", "--json", cwd=tmp_path)
    )
    assert found["ran"] == 1
    manifest = json.loads((tmp_path / "it" / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["versions"]) == ["numpy", "scipy"]


def test_the_command_prints_one_document_and_the_doctor_knows(tmp_path):
    answer = command("respond", "vehicle-parts", "--draws", "2", "--json", "--out", "it", cwd=tmp_path)
    assert said(answer)["settings"]["backend"] == "numpy"
    found = said(command("doctor", "--json", cwd=tmp_path))
    assert found["works"] is True
    noted = {c["name"]["en"]: c for c in found["checks"] if c["level"] == "note"}
    assert "No module named 'numba'" in noted["compiled functions"]["found"]["en"]
    assert "pip install numba" in noted["compiled functions"]["todo"]["zh"]
    (run,) = (c for c in found["checks"] if c["name"]["en"] == "a small run")
    assert run["found"]["en"].startswith("the readable step alone")


def test_a_backend_that_is_asked_for_by_name_is_not_replaced():
    code = """
import ballast
from ballast.errors import SimulationError
e, plot = ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts")
try:
    ballast.simulate(e, plot, backend="numba")
except SimulationError as error:
    print(error)
"""
    assert "Leave out backend" in without(code).stdout


def test_need_and_versions_where_numba_is_there():
    compiled.need()
    assert compiled.AVAILABLE
    assert list(compiled.versions("numpy")) == ["numpy", "numba"]
    assert compiled.threads() >= 1


def test_without_threads_a_task_is_done_at_once_and_its_error_kept(monkeypatch):
    monkeypatch.setattr(machine, "BROWSER", True)
    order: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(order.append, 1)
        order.append(2)
        failed = pool.submit(lambda: 1 // 0)
        assert list(pool.map(lambda x: x * x, range(4))) == [0, 1, 4, 9]
    assert order == [1, 2]
    assert first.result() is None
    with pytest.raises(ZeroDivisionError):
        failed.result()


def test_a_function_that_cannot_be_compiled_refuses_when_called(monkeypatch):
    monkeypatch.setattr(compiled, "AVAILABLE", False)
    monkeypatch.setattr(compiled, "MISSING", "No module named 'numba'")

    def double(x: float) -> float:
        return 2.0 * x

    assert compiled.compiled(double, plain=True)(21.0) == 42.0
    with pytest.raises(SimulationError, match=r"needs numba.*No module named 'numba'.*pip install"):
        compiled.compiled(double)(21.0)
