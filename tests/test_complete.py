"""What Tab offers: a table of beginnings, every way to write a place, and no word of complaint ever."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.cli import app, main
from ballast.cli.complete import _KINDS, candidates
from ballast.cli.completion import bash_line
from ballast.economy import book, builders, readers
from ballast.economy.names import matcher
from ballast.economy.portrait import find_node
from ballast.economy.sheets.cells import plain
from ballast.scenario import builtin_scenarios
from ballast.text import Text, tight

TREE = typer.main.get_command(app)
CHINA = book.load("china-2020")
REST = {
    "ADDRESS",
    "DIR",
    "FILE",
    "FILE.csv",
    "K",
    "N",
    "PATH",
    "RUN.json",
    "SHELL",
}  # metavars that have no words


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty folder to work in, in English."""
    for name in ("LC_ALL", "LC_MESSAGES", "BALLAST_DEBUG", "COLUMNS", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(line: str) -> list[str]:
    """Candidates for a line whose words have no spaces; one at its end begins a new word."""
    return candidates(TREE, line.split(" "))


def own_book(folder: Path, regions: str = "", sectors: str = "") -> Path:
    """A folder with the labels of a book."""
    folder.mkdir(parents=True)
    (folder / "book.toml").write_text(f"regions = [{regions}]\nsectors = [{sectors}]\n", encoding="utf-8")
    return folder


# ---- the table ---------------------------------------------------------------------------------

COMMANDS = ["respond", "predict-table", "report", "campaign", "mcp", "doctor", "completion"]
COMMANDS += ["book", "scenario"]
BOOKS = ["china-2020", "teaching"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", COMMANDS),
        ("co", ["completion"]),
        ("book s", ["show", "split", "sources"]),
        ("--json book a", ["aggregate", "add"]),
        ("nothing ", []),
        ("book nothing ", []),
        ("--v", ["--version"]),
        ("respond --l", ["--lang"]),
        ("respond --lang ", ["en", "zh", "both"]),
        ("respond --lang z", ["zh"]),
        ("respond --lang=", ["--lang=en", "--lang=zh", "--lang=both"]),
        ("respond --model i", ["inoue-todo"]),
        ("respond --model ＩＮ", ["inoue-todo"]),
        ("campaign --device ", ["processor", "cuda"]),
        ("completion ", ["bash", "zsh", "fish", "powershell"]),
        ("respond --draws ", []),
        ("respond --json=", []),
        ("respond --nothing=", []),
        ("respond --out ", []),
        ("respond vehicle-parts --book ", BOOKS),
        ("respond vehicle-parts --book=te", ["--book=teaching"]),
        ("book show ", BOOKS),
        ("book show CHINA", ["china-2020"]),
        ("book show -- ", BOOKS),
        ("book show -- -", []),
        ("book undo ", []),  # a built-in book cannot be undone
        ("book show teaching ", ["--codes", "--json", "--help"]),
        ("book show teaching --codes ", ["--json", "--help"]),
        ("book show teaching extra more ", ["--codes", "--json", "--help"]),
        ("book show teaching -- ", []),
        ("book add teaching ", []),
        ("scenario check chip", ["chip-shortage"]),
        ("campaign port-closure chip-shortage v", ["vehicle-parts"]),
        ("campaign --draws 3 v", ["vehicle-parts"]),
        ("campaign --draws=3 v", ["vehicle-parts"]),
        ("book import l", ["long"]),
        ("book import long x --c", ["--currency", "--countries"]),
        ("book import long x --no", ["--no-countries"]),
        ("book import nbs-province x --region 江", ["江苏", "江西"]),
        ("book build t", ["teaching"]),
        ("book why teaching ", ["North.", "Coast.", "West."]),
        ("book why teaching 北", ["北方."]),
        ("book why teaching N", ["N.", "North."]),
        ("book why teaching n", ["North."]),  # not N.: a shell would take the letter back
        ("book why teaching N.", ["N.Materials", "N.Parts", "N.Vehicles", "N.Services"]),
        ("book why teaching N.p", ["N.parts"]),
        ("book why teaching 北方，", ["北方，材料", "北方，零部件", "北方，整车", "北方，服务"]),
        ("book why teaching 北方·零", ["北方·零部件"]),
        ("book why teaching North.零", ["North.零部件"]),
        ("book why teaching Ｎｏ", ["North."]),
        ("book why teaching nothing.", []),
        ("book why nothing ", None),
        ("book why china-2020 上海市", ["上海市."]),
        ("book why china-2020 上海.汽", ["上海.汽车", "上海.汽车制造"]),
        ("book why china-2020 SH.0", [f"SH.{n:02d}" for n in range(1, 10)]),
    ],
)
def test_what_may_come_next(line, expected):
    if expected is None:
        with pytest.raises(Exception, match="nothing"):
            said(line)
    else:
        assert said(line) == expected


def test_an_option_is_offered_until_it_was_given():
    first = said("respond vehicle-parts --")
    assert {"--book", "--lang", "--out", "--json", "--help"} <= set(first)
    left = said("respond vehicle-parts --book=teaching --lang zh --json --")
    assert set(first) - set(left) == {"--book", "--lang", "--json"}


def test_no_words_are_one_that_has_not_begun():
    assert candidates(TREE, []) == candidates(TREE, [""]) == COMMANDS


@pytest.mark.parametrize("lang", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_before_anything_is_typed_places_stand_in_the_language_of_the_terminal(lang, monkeypatch):
    monkeypatch.setenv("LANG", lang)
    first = 0 if lang.startswith("en") else 1
    both = [("North.", "北方."), ("Coast.", "沿海."), ("West.", "西部.")]
    assert said("book why teaching ") == [names[first] for names in both]
    assert said("book why teaching W.")[1] == ("W.Parts", "W.零部件")[first]
    assert said("book why teaching 西部.")[1] == "西部.零部件"


def test_names_of_the_package_are_those_that_its_rooms_know():
    assert said("book show ") == list(book.builtin_books())
    assert said("respond ") == list(builtin_scenarios())
    assert said("book build ") == builders.names()
    assert said("book import ") == list(readers.SOURCES)


def _parameters(group):
    for command in group.commands.values():
        yield from _parameters(command) if hasattr(command, "commands") else command.params


def test_every_word_for_what_an_argument_is_has_its_words_or_is_known_to_have_none():
    """A new metavar is to be put in one of the two lists."""
    used = {(p.metavar or "").rstrip(".") for p in _parameters(TREE)} - {""}
    assert used <= {*_KINDS, *REST}
    assert used >= REST


# ---- places, in every way to write them --------------------------------------------------------

WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
WRITTEN = [str, str.lower, str.upper, lambda w: w.translate(WIDE), lambda w: w.replace(" ", "")]


@pytest.mark.parametrize("way", WRITTEN)
def test_any_beginning_of_any_name_of_a_region_leads_to_it(way):
    """The oracle is the matcher that commands use: it takes what was offered for the same region.

    Written otherwise than in the book, a beginning counts where nothing begins so as it is written.
    """
    known = matcher.Names.regions(CHINA)
    for i, region in enumerate(CHINA.regions):
        names = (region.name.en, region.name.zh)
        for name in names if way is not str else (*names, region.code, *region.aliases):
            for length in {1, (len(name) + 1) // 2, len(name)}:
                typed = way(name[:length])
                offered = candidates(TREE, ["book", "why", "china-2020", typed])
                assert [c for c in offered if not tight(c).startswith(tight(typed))] == []
                as_written = typed != name[:length] and any(c.startswith(typed) for c in offered)
                assert as_written or i in {known.find(c.removesuffix(".")) for c in offered}


@pytest.mark.parametrize("region", ["SH", "上海", "Inner Mongolia", "内蒙古自治区", "ｓｈ"])
def test_every_node_that_is_offered_is_what_it_says(region):
    """Of each sector by each of its names, as far as that is typed to half; the oracle is `book why`.

    Only the tables know which sectors a region lacks: such a pair may be offered, and is no node.
    """
    known, row = matcher.Names.sectors(CHINA), matcher.Names.regions(CHINA).find(region)
    typed = {""} | {
        name[: (len(name) + 1) // 2]
        for s in CHINA.sectors[::5]
        for name in (s.code, s.name.en, s.name.zh, *s.aliases)
    }
    offered = {c for t in typed for c in candidates(TREE, ["book", "why", "china-2020", f"{region}.{t}"])}
    assert len(offered) > CHINA.k
    found = 0
    for node in sorted(offered)[::3]:
        at = (CHINA.node_region == row) & (CHINA.node_sector == known.find(node.partition(".")[2]))
        if at.any():
            assert find_node(CHINA, node) == at.argmax()
            found += 1
    assert found > len(offered) / 4


def test_a_space_behind_the_mark_stays():
    assert candidates(TREE, ["book", "why", "china-2020", "Shanghai, Co"])[0].startswith("Shanghai, Co")


@given(st.text(max_size=12))
def test_the_form_in_which_names_are_compared_is_that_of_cells(word):
    assert tight(word) == matcher.tight(word) == re.sub(r"\s+", "", plain(word)).casefold()


# ---- commands to come --------------------------------------------------------------------------


class Kind(StrEnum):
    one = "one"
    two = "two words"


def other() -> typer.main.Typer:
    """Commands with what Ballast's own have not yet: lists of enums, places by option, hidden ones."""
    made = typer.Typer(add_completion=False)

    @made.command()
    def stress(
        scenario: Annotated[str, typer.Argument(metavar="SCENARIO")],
        last: Annotated[Kind, typer.Argument()] = Kind.one,
        book: Annotated[str | None, typer.Option("--book", metavar="BOOK")] = None,
        region: Annotated[list[str] | None, typer.Option("--region", metavar="REGION")] = None,
        sector: Annotated[str | None, typer.Option("--sector", metavar="SECTOR")] = None,
        kind: Annotated[list[Kind] | None, typer.Option("--kind")] = None,
        secret: Annotated[bool, typer.Option("--secret", hidden=True)] = False,
    ) -> None:
        """One."""

    @made.command(hidden=True)
    def unseen() -> None:
        """Another."""

    return made


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ["stress"]),
        ("stress x ", ["one", "two words"]),
        ("stress vehicle-parts --region ", ["North", "Coast", "West"]),  # of the scenario's book
        ("stress own.toml --region ", ["North", "Coast", "West"]),
        ("stress vehicle-parts --book china-2020 --region 上", ["上海"]),
        ("stress --book teaching --sector v", ["vehicles"]),
        ("stress vehicle-parts --sector 整", ["整车"]),
        ("stress x --kind t", ["two words"]),
        ("stress x --kind one --region N --sector x --k", ["--kind"]),
        ("stress x --kind one --region N --sector x --s", []),
        ("stress x --region N --r", ["--region"]),
    ],
)
def test_options_of_commands_to_come(words, expected, elsewhere):
    (elsewhere / "own.toml").write_text('book = "teaching"\n', encoding="utf-8")
    assert candidates(typer.main.get_command(other()), words.split(" ")) == expected


# ---- files and folders -------------------------------------------------------------------------


def test_own_books_and_the_folders_on_the_way_to_them(elsewhere):
    for name in ("mine", "my own", "deep/inner", ".hidden"):
        own_book(elsewhere / name)
    (elsewhere / "china").mkdir()
    (elsewhere / "market.csv").touch()
    assert said("book show ") == [*BOOKS, "mine", "my own"]
    assert said("book show m") == ["mine", "my own"]
    assert said("book show ch") == ["china-2020", "china/"]
    assert said("book show deep/") == ["deep/inner"]
    assert said("book show ./m") == ["./mine", "./my own"]
    assert said("book show .") == [".hidden"]
    assert said("book show nowhere/") == []
    assert said("book undo m") == ["mine", "my own"]
    assert said(f"book show {elsewhere}/d") == [f"{elsewhere}/deep/"]


def test_own_scenarios(elsewhere):
    own_book(elsewhere / "shocks")
    for name in ("shock.toml", "shocks/second.TOML", "shock.txt", "-odd.toml", "vehicle.toml"):
        (elsewhere / name).touch()
    assert said("respond ") == [*builtin_scenarios(), "shock.toml", "vehicle.toml"]
    assert said("respond s") == ["shanghai-2022", "sichuan-2022", "shock.toml", "shocks/"]
    assert said("respond shocks/") == ["shocks/second.TOML"]


def test_places_of_an_own_book_are_read_off_its_labels_alone(elsewhere):
    regions = '{code="A", en="Alpha", zh="甲"}, {code="B", en="Beta", zh="乙", aliases=["Second"]}'
    own_book(elsewhere / "mine", regions, '{code="1", en="Steel", zh="钢铁"}')
    assert said("book why mine ") == said("book why mine/book.toml ") == ["Alpha.", "Beta."]
    assert said("book why mine Sec") == ["Second."]
    assert said("book why mine 乙.") == ["乙.钢铁"]


# ---- ballast complete --------------------------------------------------------------------------


def printed(capsys, *words: str) -> list[str]:
    assert main(["complete", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def test_the_hidden_command_prints_one_candidate_a_line(capsys):
    assert printed(capsys, "--", "book", "sh") == ["show"]
    assert printed(capsys, "--", "") == printed(capsys, "--next", "--") == COMMANDS
    assert printed(capsys, "--next", "--", "respond", "--lang") == ["en", "zh", "both"]
    assert printed(capsys, "--bash", "ballast respond x --book=te", ":=") == ["teaching"]
    assert printed(capsys, "--", "respond", "x", "--json", "--he") == ["--help"]
    assert printed(capsys, "--", "zzz") == []
    assert "complete " not in TREE.get_help(TREE.make_context("ballast", ["doctor"]))


@pytest.mark.parametrize("args", [[], ["what"], ["--bash"], ["--bash", "x"], ["--next"], ["--help"]])
def test_a_call_of_another_form_has_no_candidates(args, capsys):
    assert printed(capsys, *args) == []


def test_candidates_are_not_folded_to_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    long = [name for name in printed(capsys, "--", "book", "why", "china-2020", "Shanghai.") if " " in name]
    assert max(map(len, long)) > 20
    assert all(re.match("Shanghai\\.", name) for name in long)


def test_names_that_one_line_cannot_say_are_left_out(capsys, elsewhere, monkeypatch):
    for name in ("fine", "two\nlines", "bell\a", "turn\u202ed", "half\udcff"):
        own_book(elsewhere / name)
    assert printed(capsys, "--", "book", "undo", "") == ["fine"]


def test_what_the_stream_cannot_say_is_left_out():
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LANG": "zh_CN.UTF-8"}
    argv = [sys.executable, "-m", "ballast", "complete", "--", "book", "why", "china-2020"]
    assert subprocess.run([*argv, "上"], env=env, capture_output=True, check=True).stdout == b""
    said = subprocess.run([*argv, "上"], env={**env, "PYTHONIOENCODING": "gbk"}, capture_output=True)
    assert said.stdout.decode("gbk").split() == ["上海."]


BROKEN = ["[[regions]\n", "regions = 3", "regions = [{code=1}]", "\x00", "regions = []\n" * 2]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_book_has_no_candidates_and_no_complaint(text, capsys, elsewhere):
    own_book(elsewhere / "b")
    (elsewhere / "b/book.toml").write_text(text, encoding="utf-8")
    assert printed(capsys, "--", "book", "why", "b", "x") == []


def test_nothing_that_stands_in_the_way_is_complained_about(capsys, elsewhere, monkeypatch):
    assert printed(capsys, "--", "book", "why", "nowhere", "x") == []
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "no time")
    monkeypatch.setenv("BALLAST_DEBUG", "1")
    assert printed(capsys, "--", "book", "sh") == ["show"]
    if hasattr(os, "mkfifo"):
        (elsewhere / "pipe").mkdir()
        os.mkfifo(elsewhere / "pipe" / "book.toml")  # whoever opens it waits for ever
        assert printed(capsys, "--", "book", "why", "pipe", "x") == []


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be deleted there")
def test_a_folder_that_is_gone_and_closed_streams_are_no_matter(elsewhere):
    gone = elsewhere / "gone"
    gone.mkdir()
    call = f"exec {sys.executable} -m ballast complete -- book sh"
    where = f"cd {gone} && rmdir {gone} && "
    done = subprocess.run(["sh", "-c", where + call], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"show\n", b"")
    for streams in (">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full" if Path("/dev/full").exists() else ">&-"):
        done = subprocess.run(["sh", "-c", f"{call} {streams}"], capture_output=True)
        assert (done.returncode, done.stderr) == (0, b""), streams


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*COMMANDS, "why", "check", "teaching", "--", "--book", "-", "=", ""])
                | st.text(max_size=6), max_size=6))  # fmt: skip
def test_no_words_at_all_make_it_fail(words):
    assert main(["complete", "--", *words]) == 0


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab \\'\"$`<>=:-\n上", max_size=20), st.text(alphabet=":=@", max_size=3))
def test_no_line_at_all_makes_it_fail(text, breaks):
    assert main(["complete", "--bash", text, breaks]) == 0


HEAVY = {"numpy", "pandas", "pyarrow", "numba", "scipy", "xarray", "plotly", "docx", "pydantic", "rich"}


@pytest.mark.parametrize("words", [["re"], ["respond", "--"], ["book", "show", ""],
                                   ["book", "why", "china-2020", "上海.汽"]])  # fmt: skip
def test_tab_loads_nothing_heavy(words):
    code = (
        "import sys\nfrom ballast.cli import main\nmain(['complete', '--', *sys.argv[1:]])\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert done.stdout


def test_firms_are_offered_by_id_and_by_name(elsewhere):
    from firms import parted

    labels = {"plant-7": Text("Bolt Works", "博尔特厂")}
    firms = parted(book.load("teaching"), "C.parts", {"plant-7": 0.6, "rest": 0.4}, labels)
    book.save(firms, elsewhere / "mine")
    book.save(replace(firms, node_ids=None), elsewhere / "named")
    for typed, words in {
        "pl": ["plant-7"],
        "博": ["博尔特厂"],
        "BOLT": ["Bolt Works"],
        "co": ["Coast."],
    }.items():
        assert said(f"book why mine {typed}") == words
    assert said("book why mine ") == ["North.", "Coast.", "West."]
    assert said("book why named/book.toml bo") == ["Bolt Works"]
    assert said("book why named pl") == []
    assert find_node(firms, "plant-7") == find_node(firms, "博尔特厂") == 5


def test_tab_reads_no_table_of_a_book_without_firms(elsewhere):
    """A damaged table is not even noticed."""
    folder = book.save(book.load("teaching"), elsewhere / "mine")
    (folder / "nodes.parquet").write_bytes(b"PAR1" * 5)
    assert said("book why mine 沿") == ["沿海."]
    code = (
        "import sys\nfrom ballast.cli import main\nmain(['complete', '--', 'book', 'why', 'own', 'co'])\n"
    )
    code += f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    book.save(book.load("teaching"), elsewhere / "own")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr.strip()) == (["Coast."], "[]")


# ---- lines of bash -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "kept", "quote"),
    [
        ("ballast ", ["ballast", ""], "", ""),
        ("ballast  book\tsh", ["ballast", "book", "sh"], "", ""),
        ("ballast --book=te", ["ballast", "--book=te"], "--book=", ""),
        ("ballast a:b=c", ["ballast", "a:b=c"], "a:b=", ""),
        (r"ballast a\:b", ["ballast", "a:b"], "", ""),
        (r"ballast Inner\ Mo", ["ballast", "Inner Mo"], "", ""),
        ('ballast "Inner Mo', ["ballast", "Inner Mo"], "", '"'),
        ("ballast 'it is: ", ["ballast", "it is: "], "", "'"),
        ('ballast --book="my b', ["ballast", "--book=my b"], "--book=", '"'),
        ('ballast "a b" c', ["ballast", "a b", "c"], "", ""),
        ('ballast "" c', ["ballast", "", "c"], "", ""),
        (r'ballast "a\"b\c', ["ballast", r'a"b\c'], "", '"'),
        (r"ballast 'a\b", ["ballast", r"a\b"], "", "'"),
        ("ballast a\\", ["ballast", "a"], "", ""),
        ("ballast $(rm x) `y", ["ballast", "$(rm", "x)", "`y"], "", ""),
        ('ballast "a b"', None, "", ""),
        ("ballast x > fi", None, "", ""),
    ],
)
def test_a_line_is_read_as_bash_reads_it(text, words, kept, quote):
    line = bash_line(text, ":=")
    if words is None:
        assert line is None
    else:
        assert (list(line.words), line.kept, line.quote) == (words, kept, quote)


WORD = st.text(alphabet="ab1 ~'\"\\$`!&|;()<>*?[]{}#=:.,/-，上é\t", min_size=1, max_size=12)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash itself is the oracle")
@settings(max_examples=25, deadline=None)
@given(st.lists(WORD, min_size=1, max_size=20), st.sampled_from(["", "'", '"']))
def test_what_is_written_into_a_line_is_for_bash_the_word(words, quote):
    line = bash_line(f"ballast {quote}", "")
    written = " ".join(f"{quote}{w}{quote}" for w in line.replies(words))
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {written}"], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == words
