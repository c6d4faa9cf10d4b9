"""The scripts in docs/examples run, say what they should, and say it on the page about Python too."""

import re
import runpy
from pathlib import Path

import pytest

import ballast

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Every script in a folder of its own: its names, what it said, and the files it left."""
    found = {}
    for script in SCRIPTS:
        folder = tmp_path_factory.mktemp(script.stem)
        with pytest.MonkeyPatch.context() as patch:
            said = []
            patch.setenv("LC_ALL", "C.UTF-8")
            patch.setenv("COLUMNS", "100")
            patch.chdir(folder)
            told = {"print": lambda *words, _said=said: _said.append(" ".join(map(str, words)))}
            names = runpy.run_path(str(script), init_globals=told)
        found[script.stem] = (names, "\n".join(said), {p.name for p in folder.iterdir()})
    return found


def test_there_are_six_and_the_page_names_them_all():
    assert len(SCRIPTS) == 6
    assert set(re.findall(r"\(examples/(\w+)\.py\)", PAGE)) == {s.stem for s in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_what_a_script_says_is_what_the_page_says(ran, script):
    """Under the link to a script stand pieces of it, and all that it says."""
    part = re.search(rf"\(examples/{script.stem}\.py\)(.*?)(?=\n## |\Z)", PAGE, re.S)
    assert part
    code, text = (
        script.read_text(encoding="utf-8"),
        re.findall(r"```(python|text)\n(.*?)```", part[1], re.S),
    )
    assert {kind for kind, _ in text} == {"python", "text"}
    for kind, piece in text:
        if kind == "python":
            assert piece in code
        else:
            lines = [line.rstrip() for line in ran[script.stem][1].splitlines()]
            assert "\n".join(lines) == piece.rstrip()


def test_the_book_that_is_read_balances(ran):
    names, _, files = ran["read_a_book"]
    assert names["nodes"].output.sum() == pytest.approx(980)
    assert files == {"regions.svg", "chain.html"}


def test_the_shock_by_hand_is_the_one_of_the_teaching_page(ran):
    """Its table: 61.0% on 24 January, 100.7% on the 26th; 4.23 bn CNY are lost."""
    names, _, files = ran["shock_by_hand"]
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    level = 100 * names["level"].to_pandas()
    for day, date in (
        ("12 January", "2022-01-12"),
        ("24 January", "2022-01-24"),
        ("26 January", "2022-01-26"),
    ):
        row = re.search(rf"\| {day} \|(.*)\|", page)
        assert row
        cells = [float(c) for c in row[1].split("|")]
        nodes = ["C.parts", "C.materials", "W.materials", "N.materials", "N.vehicles"]
        assert level.loc[date, nodes].round(1).tolist() == cells[:5]
    built_in = ballast.simulate(ballast.load_book("teaching"), ballast.load_scenario("vehicle-parts"))
    assert names["run"].lost == built_in.lost
    assert {"coast.toml", "why.svg"} == files


def test_the_answer_leaves_its_report_and_pictures(ran):
    names, _, files = ran["respond_and_plan"]
    assert names["answer"].relief.picks[0].gain > 0
    assert files == {"path.svg", "worst-blockage.svg", "report"}


def test_models_differ_and_none_is_left_out(ran):
    names, said, files = ran["compare_models"]
    assert set(names["runs"]) == set(names["NAMES"])
    assert len({round(run.lost, 2) for run in names["runs"].values()}) == len(names["NAMES"])
    assert all(name in said for name in names["NAMES"])
    assert files == {"models.svg"}


def test_dated_plans_help_and_act_only_from_their_day(ran):
    names, _, files = ran["dated_plan"]
    lost = {name: run.lost for name, run in names["runs"].items()}
    assert lost["half back"] < lost["flown in"] < lost["nothing"]
    first = names["first"]
    for run in names["runs"].values():
        assert (run.record.output[:first] == names["nothing"].record.output[:first]).all()
    assert files == {"plan.svg"}


def test_the_tail_is_a_tail(ran):
    names, _, files = ran["campaign_tail"]
    tail = names["tail"].sort_values("exceeded_with")
    assert (tail.lost.diff().dropna() <= 0).all()
    assert len(names["draws"]) == 64
    assert names["together"].abs().iloc[0] > 0.3  # something explains it
    assert files == {"campaign"}
