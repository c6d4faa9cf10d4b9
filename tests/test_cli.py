"""The command line: one document with --json, agreed exit codes, no traceback, nothing half-written."""

import contextlib
import csv
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files

import pytest
import typer

from ballast.cli import app, console, main
from ballast.cli.progress import STAGES, Progress
from ballast.errors import SimulationError
from ballast.scenario import builtin_scenarios

FILES = {"report.html", "report.docx", "cases.xlsx", "run.json", "paths.parquet"}
SMALL = ["vehicle-parts", "--draws", "2", "--seed", "3"]  # the teaching book: seconds


def ballast(*args: str, cwd=None, env=None, **more) -> subprocess.CompletedProcess:
    """The command as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "ballast", *args],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        **more,
    )


def document(capsys) -> dict:
    """What was printed, which must be one JSON document, with nothing on standard error."""
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def left(folder) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "BALLAST_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


# ---- start-up --------------------------------------------------------------------------------


def test_help_loads_nothing_heavy_and_is_quick():
    code = (
        "import sys\nfrom ballast.cli import main\nmain(['--help'])\n"
        "heavy = {'numpy', 'pandas', 'numba', 'scipy', 'xarray', 'plotly', 'docx', 'pyarrow', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "respond" in done.stdout
    fastest = min(_seconds("--help") for _ in range(5))
    assert fastest < 0.4


def _seconds(*args: str) -> float:
    start = time.perf_counter()
    assert ballast(*args).returncode == 0
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "argv", [["--version"], ["--help"], ["respond", "--help"], ["book", "check", "--help"]]
)
def test_asking_for_help_succeeds(argv, capsys):
    assert main(argv) == 0
    assert capsys.readouterr().out


def test_nothing_at_all_shows_the_help_and_is_a_usage_error(capsys):
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().out


# ---- respond ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """One `respond --json` on the teaching book: the folder and the finished process."""
    folder = tmp_path_factory.mktemp("answered")
    return folder, ballast("respond", *SMALL, "--json", cwd=folder)


def test_respond_json_is_one_document_and_nothing_else(answered):
    _, done = answered
    assert (done.returncode, done.stderr) == (0, b"")
    said = json.loads(done.stdout)
    assert said["scenario"] == "vehicle-parts"
    assert said["outcome"] == "completed"
    assert set(said["files"]) == FILES
    assert said["headlines"]


def test_respond_writes_to_a_folder_named_after_the_scenario(answered):
    folder, _ = answered
    assert set(left(folder)) == {"ballast-vehicle-parts"} | {f"ballast-vehicle-parts/{f}" for f in FILES}


@pytest.mark.parametrize(
    ("env", "lang", "word"),
    [
        ({"LANG": "C.UTF-8"}, [], "The report:"),
        ({"LANG": "zh_CN.UTF-8"}, [], "报告："),
        ({"LANG": "zh_CN.UTF-8"}, ["--lang", "en"], "The report:"),
        ({"LANG": "C.UTF-8"}, ["--lang", "zh"], "报告："),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, [], "The report:"),
    ],
)
def test_the_summary_speaks_the_language_asked_for_or_that_of_the_locale(env, lang, word, tmp_path):
    done = ballast("respond", *SMALL, *lang, "--out", str(tmp_path / "r"), env={**env, "PYTHONUTF8": "1"})
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert word in out
    assert str(tmp_path / "r" / "report.html") in out
    assert len(out.splitlines()) <= 30


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_without_the_characters_does_not_crash(encoding, tmp_path):
    env = {"PYTHONIOENCODING": encoding, "LANG": "zh_CN.UTF-8"}
    done = ballast("respond", *SMALL, "--out", str(tmp_path / "r"), env=env)
    assert done.returncode == 0, done.stderr
    said = ballast("scenario", "show", "vehicle-parts", "--json", env=env)
    title = json.loads(said.stdout.decode("ascii"))["title"]["zh"]  # escaped, so nothing is lost
    assert title
    assert "?" not in title


# ---- predict-table ---------------------------------------------------------------------------


def test_predict_table_has_a_row_for_every_region_sector_and_month(tmp_path, capsys):
    out = tmp_path / "new" / "table.csv"
    assert main(["predict-table", *SMALL, "--out", str(out), "--json"]) == 0
    said = document(capsys)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["region", "sector", "month", "deviation_pct", "low", "high"] == said["columns"]
    assert len(rows) == said["rows"]
    assert len({(r["region"], r["sector"], r["month"]) for r in rows}) == len(rows)
    assert len({(r["region"], r["sector"]) for r in rows}) == 12  # 3 regions x 4 sectors
    assert all(float(r["low"]) <= float(r["high"]) for r in rows)
    assert left(tmp_path) == ["new", "new/table.csv"]


def test_predict_table_is_the_same_for_the_same_seed(tmp_path, capsys):
    for name in ("a.csv", "b.csv"):
        assert main(["predict-table", *SMALL, "--out", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_predict_table_does_not_replace_what_is_not_a_file(capsys):
    assert main(["predict-table", *SMALL, "--out", os.devnull]) == 2
    assert "not an ordinary file" in capsys.readouterr().err


def test_out_names_a_folder_or_a_file_as_the_command_needs(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert main(["respond", *SMALL, "--out", str(tmp_path / "file")]) == 2
    assert "is a file. Give --out the name of a folder" in capsys.readouterr().err
    for folder in (tmp_path, f"{tmp_path}/new/"):
        assert main(["predict-table", *SMALL, "--out", str(folder)]) == 2
        assert "months.csv" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def nothing_begins(monkeypatch) -> None:
    """What is refused is refused before the work."""
    work = importlib.import_module("ballast.answer")
    for name in ("predict", "respond"):
        monkeypatch.setattr(work, name, None)


@pytest.mark.parametrize(
    "text", ["title = 1", "region,sector\n", "\n", "region,sector,month,deviation_pct,low,h"]
)
def test_predict_table_replaces_nothing_but_its_own(text, tmp_path, capsys, monkeypatch):
    nothing_begins(monkeypatch)
    out = tmp_path / "mine.csv"
    out.write_text(text)
    assert main(["predict-table", *SMALL, "--out", str(out)]) == 2
    assert "is no table that predict-table wrote" in capsys.readouterr().err
    assert out.read_text() == text


@pytest.mark.parametrize("name", ["m.xlsx", "m.parquet", "m.csv.gz", "m.json"])
def test_predict_table_writes_csv_under_no_other_ending(name, tmp_path, capsys, monkeypatch):
    nothing_begins(monkeypatch)
    assert main(["predict-table", *SMALL, "--out", str(tmp_path / name)]) == 2
    assert f"written as CSV. Give it that ending: {name.rpartition('.')[0]}.csv" in capsys.readouterr().err
    assert left(tmp_path) == []


def test_predict_table_writes_nothing_into_a_book(tmp_path, capsys, monkeypatch):
    assert main(["book", "build", "teaching", "--out", str(tmp_path / "b")]) == 0
    nothing_begins(monkeypatch)
    (tmp_path / "link.csv").symlink_to(tmp_path / "b" / "nodes.parquet")
    before = (tmp_path / "b" / "nodes.parquet").read_bytes()
    for out in ("b/nodes.parquet", "b/new.csv", "b/sub/new.csv", "link.csv"):
        assert (
            main(["predict-table", *SMALL, "--book", str(tmp_path / "b"), "--out", str(tmp_path / out)])
            == 2
        )
        assert "is the folder of a book" in capsys.readouterr().err
    assert (tmp_path / "b" / "nodes.parquet").read_bytes() == before
    assert not (tmp_path / "b" / "new.csv").exists()


def test_predict_table_replaces_an_earlier_table_and_an_empty_file(tmp_path, capsys):
    out = tmp_path / "x.csv"
    out.touch()
    assert main(["predict-table", *SMALL, "--out", str(out)]) == 0
    first = out.read_bytes()
    assert main(["predict-table", *SMALL[:-1], "4", "--out", str(out)]) == 0
    assert out.read_bytes() != first
    (tmp_path / "link.csv").symlink_to(out)
    assert main(["predict-table", *SMALL, "--out", str(tmp_path / "link.csv")]) == 0
    assert (tmp_path / "link.csv").is_symlink()  # what it leads to is written
    assert out.read_bytes() == first


@pytest.mark.parametrize("name", ["run.json", "cases.xlsx"])
def test_a_folder_in_the_place_of_a_file_is_told_before_the_work(name, tmp_path, capsys, monkeypatch):
    nothing_begins(monkeypatch)
    (tmp_path / "r" / name).mkdir(parents=True)
    assert main(["respond", *SMALL, "--out", str(tmp_path / "r")]) == 1
    assert f"{name}: Is a directory" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="a folder that is in use can be deleted")
@pytest.mark.parametrize(
    "args",
    [["respond", *SMALL], ["predict-table", *SMALL, "--out", "x.csv"], ["scenario", "check", "mine.toml"]],
)
def test_a_working_folder_that_is_gone_is_said(args, tmp_path, capsys, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(args) == (2 if args[0] == "scenario" else 1)
    said = capsys.readouterr().err
    assert "The folder that this command runs in is no more" in said
    assert "Change to another folder" in said


def test_predict_table_says_what_respond_says_before_the_numbers(tmp_path, capsys, monkeypatch):
    """Notes and outcome, in words and in JSON: what a published model is not is said by both commands."""
    args = ["vehicle-parts", "--draws", "2", "--seed", "3", "--model", "inoue-todo", "--json", "--out"]
    assert main(["respond", *args, str(tmp_path / "r")]) == 0
    full = document(capsys)
    assert main(["predict-table", *args, str(tmp_path / "t.csv")]) == 0
    table = document(capsys)
    assert table["notes"] == full["notes"]
    assert any("Computed with" in note for note in table["notes"])
    assert table["outcome"] == full["outcome"]
    assert table["outcomes"] == full["headlines"]["outcomes"]
    assert table["amplifies"] == full["headlines"]["amplifies"]
    for lang, closing in (("C.UTF-8", " rows: "), ("zh_CN.UTF-8", "行：")):
        monkeypatch.setenv("LANG", lang)
        assert main(["predict-table", *args[:-2], "--out", str(tmp_path / "t.csv")]) == 0
        said = capsys.readouterr().out
        assert closing in said
        assert said.startswith("* ")


def test_what_predict_knows_beside_its_table_travels_with_it(tmp_path):
    import pandas as pd

    import ballast as library

    table = library.predict("vehicle-parts", draws=2)
    assert table.attrs["outcome"] == "completed"
    assert table.attrs["outcomes"] == {"completed": 2}
    table.to_parquet(tmp_path / "t.parquet")
    assert pd.read_parquet(tmp_path / "t.parquet").attrs == table.attrs


# ---- books and scenarios ---------------------------------------------------------------------


def test_book_commands(capsys):
    assert main(["book", "list", "--json"]) == 0
    books = {b["name"]: b for b in document(capsys)["books"]}
    assert "china-2020" in books
    small = next(b for b in books if books[b]["nodes"] == 12)
    assert main(["book", "show", small, "--json"]) == 0
    shown = document(capsys)
    assert (len(shown["regions"]), len(shown["sectors"])) == (3, 4)
    assert main(["book", "check", small, "--json"]) == 0
    assert document(capsys)["counts"]["error"] == 0
    for argv in (["book", "list"], ["book", "show", small], ["book", "check", small]):
        assert main(argv) == 0
        assert small in capsys.readouterr().out


def test_scenario_commands(capsys):
    assert main(["scenario", "list", "--json"]) == 0
    named = {s["name"] for s in document(capsys)["scenarios"]}
    assert named == set(builtin_scenarios())
    assert {"shanghai-2022", "sichuan-2022", "port-closure", "chip-shortage", "vehicle-parts"} <= named
    assert main(["scenario", "show", "vehicle-parts", "--json"]) == 0
    assert document(capsys)["shocks"]
    assert main(["scenario", "check", "vehicle-parts", "--json"]) == 0
    assert document(capsys)["usable"] is True
    for argv in (
        ["scenario", "list"],
        ["scenario", "show", "vehicle-parts"],
        ["scenario", "check", "vehicle-parts"],
    ):
        assert main(argv) == 0
        assert capsys.readouterr().out


def test_building_a_book_gives_the_one_that_ships(tmp_path, capsys):
    out = tmp_path / "mine"
    assert main(["book", "build", "teaching", "--out", str(out), "--json"]) == 0
    built = document(capsys)
    assert built["report"]["steps"]
    assert main(["book", "show", str(out), "--json"]) == 0
    mine = document(capsys)
    assert main(["book", "show", "teaching", "--json"]) == 0
    assert mine == document(capsys)
    assert mine["hash"] == built["hash"]
    assert left(tmp_path)[0] == "mine"
    assert main(["book", "build", "teaching", "--out", str(out)]) == 0
    assert "teaching" in capsys.readouterr().out


# ---- bad input -------------------------------------------------------------------------------

BAD = [
    (["respnd"], "respond"),
    (["respond"], "SCENARIO"),
    (["respond", "shanghai-2023"], "shanghai-2022"),
    (["respond", "vehicle-parts", "--drwas", "3"], "--draws"),
    (["respond", "vehicle-parts", "--lang", "fr"], "zh"),
    (["respond", "vehicle-parts", "--draws", "-1"], "at least 2"),
    (["respond", "vehicle-parts", "--relief", "-1"], "negative"),
    (["respond", "vehicle-parts", "--draws", "many"], "--draws"),
    (["respond", "vehicle-parts", "--book", "china-2021"], "china-2020"),
    (["respond", "no/such/file.toml"], "no/such/file.toml"),
    (["predict-table", "vehicle-parts"], "--out"),
    (["book", "show", "chna-2020"], "china-2020"),
    (["book", "check", "no/such/folder"], "no/such/folder"),
    (["book", "build", "china-2021", "--from", "."], "china-2020"),
    (["scenario", "show", "vehicle-part"], "vehicle-parts"),
    (["scenario", "check", "missing.toml"], "missing.toml"),
    (["scenario", "check", "vehicle-parts", "--book", "nowhere"], "nowhere"),
]


@pytest.mark.parametrize(("argv", "hint"), BAD, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_bad_input_says_what_and_what_to_do(argv, hint, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert hint in printed.err
    assert "Traceback" not in printed.err
    assert main([*argv, "--json"]) == 2
    error = document(capsys)["error"]
    assert hint in error["message"]
    assert error["exit_code"] == 2
    assert left(tmp_path) == []


BLANK = [
    ["respond", *SMALL, "--out", ""],
    ["respond", *SMALL, "--out="],
    ["respond", *SMALL, "--out", " \u3000\t"],
    ["respond", *SMALL, "--book", ""],
    ["respond", ""],
    ["predict-table", *SMALL, "--out", ""],
    ["campaign", "vehicle-parts", "--out", ""],
    ["campaign", "vehicle-parts", "", "--out", "c"],
    ["book", "show", ""],
    ["book", "template", "teaching", "--out", ""],
    ["book", "build", "", "--out", "b"],
    ["book", "build", "teaching", "--out", ""],
    ["book", "aggregate", "teaching", "", "--out", "b"],
    ["book", "regionalise", "teaching", "x.csv", "--out", "b", "--distance", ""],
    ["book", "add", "teaching", "x.csv", "--out", ""],
    ["book", "add", "teaching", "x.csv", "--names", "", "--out", "b"],
    ["book", "import", "long", "x.csv", "--out", ""],
    ["book", "undo", ""],
    ["scenario", "check", "vehicle-parts", "--book", ""],
]


@pytest.mark.parametrize("argv", BLANK, ids=" ".join)
def test_an_empty_path_or_name_is_refused_and_writes_nothing(argv, capsys, tmp_path, monkeypatch):
    """What `--out $UNSET` gives; it was taken for the current folder."""
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    said = capsys.readouterr().err
    at = next(i for i, word in enumerate(argv) if not word.strip() or word.endswith("="))
    name = argv[at].rstrip("=") if argv[at].startswith("--") else argv[at - 1]
    assert (name if name.startswith("--") else "an argument") + ": is empty. Give it a value" in said
    assert left(tmp_path) == []


def test_the_options_without_a_value_are_those_of_the_commands():
    def options(command):
        yield from (p for p in command.params if p.param_type_name == "option")
        for inner in getattr(command, "commands", {}).values():
            yield from options(inner)

    flags = [p for p in options(typer.main.get_command(app)) if p.is_flag]
    assert {"--help"}.union(*(p.opts + p.secondary_opts for p in flags)) == console.FLAGS


def test_all_empty_words_are_named_at_once_and_a_stream_is_no_file(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["respond", "", "--book", "", "--out", "-", "--json"]) == 2
    message = document(capsys)["error"]["message"]
    assert [line.split(":")[0] for line in message.split("\n")] == ["an argument", "--book", "--out"]
    assert "./-" in message
    assert left(tmp_path) == []
    assert main(["predict-table", *SMALL, "--out", "./-"]) == 0
    assert left(tmp_path) == ["-"]


HEAD = """
name = "mine"
title = {{ en = "Mine", zh = "我的" }}
summary = {{ en = "A test.", zh = "测试。" }}
book = "{book}"
start = 2022-03-01
days = {days}
decision = 2022-03-10
"""


@pytest.mark.parametrize("days", [0, 10_000])
def test_an_impossible_horizon_is_refused_with_its_key(days, tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text(HEAD.format(book="china-2020", days=days), encoding="utf-8")
    assert main(["scenario", "check", str(file)]) == 2
    assert "days" in capsys.readouterr().err


def test_a_typing_error_in_toml_is_named_by_line(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\ndays = = 3\n', encoding="utf-8")
    assert main(["respond", str(file), "--out", str(tmp_path / "r")]) == 2
    assert "2" in capsys.readouterr().err
    assert left(tmp_path) == ["mine.toml"]


@pytest.mark.parametrize("command", ["respond", "predict-table"])
def test_an_unwritable_place_is_refused_before_the_work(command, tmp_path, capsys, monkeypatch):
    module = __import__("ballast.answer", fromlist=["respond"])
    worked = []
    for name in ("respond", "predict"):
        monkeypatch.setattr(module, name, lambda *a, **k: worked.append(a))
    (tmp_path / "file").write_text("mine")
    assert main([command, *SMALL, "--out", str(tmp_path / "file" / "below" / "x.csv")]) == 1
    printed = capsys.readouterr()
    assert "file" in printed.err
    assert "--out" in printed.err
    assert worked == []
    assert left(tmp_path) == ["file"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    """A limit on the size of files stands in for a full disk: the same failure at the same place."""
    resource = pytest.importorskip("resource")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    out = tmp_path / "table.csv"
    older = "region,sector,month,deviation_pct,low,high\nolder"
    out.write_text(older, encoding="utf-8")
    done = ballast("predict-table", *SMALL, "--out", str(out), preexec_fn=limit)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert left(tmp_path) == ["table.csv"]
    assert out.read_text(encoding="utf-8") == older


# ---- failures --------------------------------------------------------------------------------


def failing(monkeypatch, error: BaseException) -> None:
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("ballast.scenario.builtin_scenarios", fail)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SimulationError("the run left its bounds"), 1, "left its bounds"),
        (OSError(28, "No space left on device", "x.csv"), 1, "x.csv: No space left"),
        (MemoryError(), 1, "memory"),
        (ZeroDivisionError("boom"), 1, "please report"),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, BaseException) else None,
)
def test_every_failure_has_one_message_and_its_exit_code(error, code, words, monkeypatch, capsys):
    failing(monkeypatch, error)
    assert main(["scenario", "list"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert "Traceback" not in printed.err
    assert main(["scenario", "list", "--json"]) == code
    assert document(capsys)["error"]["exit_code"] == code


def test_debugging_shows_the_traceback(monkeypatch, capsys):
    failing(monkeypatch, ZeroDivisionError("boom"))
    monkeypatch.setenv("BALLAST_DEBUG", "1")
    assert main(["scenario", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.fixture
def heard():
    """Ctrl-C is heard, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_leaves_nothing_half_written(tmp_path, heard):
    with subprocess.Popen(
        [sys.executable, "-m", "ballast", "respond", "vehicle-parts", "--draws", "10000", "--out", "r"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline()  # the first stage has begun
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert left(tmp_path) == []


def test_a_ctrl_c_that_is_dropped_on_the_way_still_stops_the_job(heard):
    """Compiling kernels drops it inside callbacks from C; the next step of the job raises it again."""

    def job() -> None:
        with Progress(silent=True) as progress:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            progress("draws", 1, 2)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        job()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_that_follows_from_ctrl_c_counts_as_one(heard):
    def job() -> None:
        with Progress(silent=True):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                raise RuntimeError("half compiled") from None

    with pytest.raises(KeyboardInterrupt):
        job()


def test_a_reader_that_leaves_early_is_no_fault():
    with subprocess.Popen(
        [sys.executable, "-m", "ballast", "scenario", "show", "shanghai-2022"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        err = process.stderr.read() if process.stderr else b""
    assert b"Traceback" not in err
    assert b"Exception" not in err


# ---- small parts -----------------------------------------------------------------------------


def test_json_has_no_nan_and_keeps_both_languages():
    import numpy as np

    from ballast.text import Text

    value = {
        "a": float("nan"),
        "b": np.float64("inf"),
        "c": np.arange(2),
        "d": Text("x", "甲"),
        "e": np.bool_(1),
    }
    assert console.plain(value) == {
        "a": None,
        "b": None,
        "c": [0, 1],
        "d": {"en": "x", "zh": "甲"},
        "e": True,
    }


def test_progress_is_silent_with_json_and_one_line_a_stage_in_a_pipe(capsys):
    with Progress(silent=True) as progress:
        progress("draws", 0, 2)
    assert capsys.readouterr().err == ""
    with Progress(silent=False) as progress:
        for done in range(3):
            progress("draws", done, 2)
        progress("report", 0, 1)
    assert capsys.readouterr().err == "The ensemble ...\nThe report ...\n"


def test_every_stage_has_words():
    import ballast as library

    stages: list[str] = []
    library.respond(
        "vehicle-parts", draws=2, relief=2, progress=lambda stage, done, total: stages.append(stage)
    )
    library.predict("vehicle-parts", draws=2, progress=lambda stage, done, total: stages.append(stage))
    assert set(stages) | {"report"} == set(STAGES)


def test_progress_draws_a_bar_on_a_terminal_after_a_while(monkeypatch, capsys):
    monkeypatch.setattr("ballast.cli.progress.PATIENCE", 0.05)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress(silent=False) as progress:
        progress("relief", 1, 2)
        time.sleep(0.3)
        progress("relief", 2, 2)
    assert "Whom to put back" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["1e3", "many", "1.5"])
def test_a_number_of_draws_that_is_none_is_told_in_plain_words(capsys, number):
    assert main(["campaign", "vehicle-parts", "--draws", number]) == 2
    said = capsys.readouterr().err
    assert "write a whole number in digits" in said
    assert "parse" not in said


# ---- campaigns ---------------------------------------------------------------------------------


def test_a_campaign_says_its_headlines_and_where_it_is(tmp_path, capsys, monkeypatch):
    args = ["campaign", "vehicle-parts", "--draws", "8", "--out", str(tmp_path / "c")]
    assert main(args) == 0
    words = capsys.readouterr().out
    assert "8 draws: 8 completed." in words
    assert "at the median" in words
    assert words.rstrip().endswith(f"The tables: {tmp_path / 'c'}")
    assert max(len(line) for line in words.splitlines()[:-1]) <= 100
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert main(args) == 0
    words = capsys.readouterr().out
    assert "抽样8次：8次完成。" in words
    assert "已有1个部分，本次运行0个。" in words
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert main(args) == 0
    assert "1 part was there already, 0 were run." in capsys.readouterr().out


def test_a_campaign_says_what_month_is_simulated_in_part(tmp_path, capsys):
    """Of 62 days from 1 January on three lie in March."""
    text = (files("ballast") / "scenarios" / "vehicle-parts.toml").read_text("utf-8")
    (tmp_path / "a.toml").write_text(text.replace("days = 90", "days = 62"), encoding="utf-8")
    assert main(["campaign", str(tmp_path / "a.toml"), "--draws", "4", "--out", str(tmp_path / "c")]) == 0
    assert "3 of the 31 days of March 2022" in " ".join(capsys.readouterr().out.split())


def test_a_campaign_as_json(tmp_path, capsys):
    assert main(["campaign", "vehicle-parts", "--draws", "4", "--out", str(tmp_path / "c"), "--json"]) == 0
    found = document(capsys)
    assert (found["kept"], found["ran"], found["damaged"]) == (0, 1, [])
    assert found["campaign"]["results"][0]["outcomes"]["completed"] == 4


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["vehicle-parts"], "Missing option '--out'"),
        (["--out", "x"], "Missing argument"),
        (["vehicle-parts", "--out", "x", "--model", "aria"], "'aria' is not one of"),
        (["vehicle-parts", "--out", "x", "--draws", "1", "--seed", "-1"], "seed: a whole number"),
        (["vehicle-parts", "nosuch", "--out", "x"], "nosuch"),
        (["vehicle-parts", "--out", "x", "--cluster", "nowhere:1"], "no Ray cluster answers at nowhere:1"),
        (["vehicle-parts", "--out", "x", "--device", "cuda"], "no CUDA card can be used here"),
        (["vehicle-parts", "--out", "x", "--device", "cuda", "--cluster", "local"], "Leave one out"),
        (
            ["vehicle-parts", "--out", "x", "--device", "cuda", "--model", "ario"],
            "the default model, not ario",
        ),
    ],
)
def test_a_campaign_asked_wrongly_is_refused_and_leaves_nothing(args, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if "--cluster" in args:
        pytest.importorskip("ray", reason="needs the extra cluster")
    assert main(["campaign", *args]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.rglob("part-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a single process")
def test_a_campaign_interrupted_keeps_its_parts_and_goes_on(tmp_path):
    command = [
        sys.executable,
        "-m",
        "ballast",
        "campaign",
        "vehicle-parts",
        "--draws",
        "4000",
        "--out",
        "c",
    ]
    job = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # a suite started in the background inherits a SIGINT that is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while job.poll() is None and len(list(tmp_path.glob("c/parts/part-*"))) < 3:
        time.sleep(0.01)
    job.send_signal(signal.SIGINT)
    _, err = job.communicate(timeout=60)
    assert job.returncode == 130, err
    kept = len(list(tmp_path.glob("c/parts/part-*")))
    assert f"{kept} of 125 parts are finished and kept in c. The same command goes on." in err
