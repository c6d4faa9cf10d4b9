"""One matcher for names in scenarios, desk sheets and commands: any width, case and spacing; codes win."""

from dataclasses import replace

import pytest

from ballast.economy import Region, book
from ballast.economy.names.matcher import Matcher, Names
from ballast.economy.portrait import find_node
from ballast.economy.regions.distances import distances
from ballast.errors import BookError
from ballast.scenario import compile_scenario, load
from ballast.scenario.places import Places
from ballast.text import Text


@pytest.fixture(scope="module")
def china():
    return book.load("china-2020")


def found(vocabulary, *words):
    """Indices, and what was said against the words."""
    said: list[str] = []
    mask = vocabulary.mask(words, lambda what, todo: said.append(f"{what}. {todo}"))
    return mask.nonzero()[0].tolist(), said


SHANGHAI = [
    "SH",
    "sh",
    "ＳＨ",
    "ｓｈ",
    " SH ",
    "上海",
    "上 海",
    "上　海",
    "上海市",
    "Shanghai",
    "Ｓｈａｎｇｈａｉ",
    "shang hai",
]


@pytest.mark.parametrize("word", SHANGHAI)
def test_a_region_in_any_spelling_is_the_same_in_a_scenario_and_in_a_sheet(word, china):
    at = next(i for i, r in enumerate(china.regions) if r.code == "SH")
    assert found(Places.of(china).regions, word) == ([at], [])
    assert Names.regions(china).find(word) == at


@pytest.mark.parametrize(
    ("words", "like"),
    [
        (["０６．．０９"], ["06..09"]),
        (["06 .. 09"], ["06..09"]),
        (["Ｍanu facturing"], ["manufacturing"]),
        (["ＡＬＬ"], ["all"]),
        (["ｇｏｏｄｓ"], ["goods"]),
    ],
)
def test_spans_and_groups_too(words, like, china):
    sectors = Places.of(china).sectors
    assert found(sectors, *words) == found(sectors, *like)
    assert found(sectors, *words)[0]


@pytest.mark.parametrize(
    "word", ["SH.18", "ＳＨ．１８", "sh . 18", "Ｓｈanghai, Vehicles", "上海·交通 运输设备"]
)
def test_a_node_in_any_spelling(word, china):
    assert china.node_codes[find_node(china, word)] == "SH.18"


def test_a_node_word_that_fits_two_is_refused_with_both_codes(china):
    labels = [Text(f"Plant {i}", f"厂{i}") for i in range(china.n)]
    labels[3] = labels[7] = Text("The Mill", "磨坊")
    twins = replace(china, node_labels=tuple(labels))
    with pytest.raises(BookError, match=f"{twins.node_codes[3]} or {twins.node_codes[7]}"):
        find_node(twins, "ｔhe mill")
    assert found(Places(twins).nodes, "磨坊")[0] == []
    assert twins.node_codes[7] in found(Places(twins).nodes, "磨坊")[1][0]


def regions(*names: tuple[str, str]) -> tuple[Region, ...]:
    return tuple(Region(code, Text(name, name)) for code, name in names)


def test_a_name_that_fits_two_is_an_error_that_says_so_and_codes_win(china):
    names = ("A", "甲乙省"), ("B", "甲乙市"), ("C", "b"), ("D", "Twin"), ("E", "twin")
    economy = replace(china, regions=(*regions(*names), *china.regions[len(names) :]))
    places, sheet = Places(economy).regions, Names.regions(economy)
    for word, at in (("甲乙省", 0), ("甲 乙 市", 1), ("b", 1), ("Twin", 3), ("twin", 4)):
        assert found(places, word) == ([at], [])
        assert sheet.find(word) == at
    for word, codes in (("甲乙", ["A", "B"]), ("ＴＷＩＮ", ["D", "E"])):
        at, said = found(places, word)
        assert at == []
        assert all(f"{code} (" in said[0] for code in codes)
        assert "Write the code" in said[0]
        assert sheet.find(word) is None
        assert sheet.rivals(word) == codes
        assert ", ".join(codes) in sheet.unknown(word)
        assert [p.code for p in sheet.propose(word)][:2] == codes
        sheet.learn([(word, codes[1])])  # a person has said which
        assert economy.regions[sheet.find(word)].code == codes[1]


def test_a_distance_of_a_name_that_fits_two_is_refused(tmp_path):
    path = tmp_path / "km.csv"
    path.write_text("from,to,km\n甲乙,C,10\n", encoding="utf-8")
    with pytest.raises(BookError, match="'甲乙' fits more than one region: A, B"):
        distances(path, regions(("A", "甲乙省"), ("B", "甲乙市"), ("C", "c")))


def test_a_scenario_file_in_full_width_means_the_same(tmp_path, china):
    head = """
title = {{ en = "Mine", zh = "我的" }}
summary = {{ en = "A test.", zh = "测试。" }}
book = "china-2020"
start = 2022-03-01
days = 30
[[shocks]]
kind = "staff"
title = {{ en = "Closed", zh = "封控" }}
regions = {regions}
sectors = {sectors}
path = [[2022-03-03, 25]]
"""
    made = []
    for regions, sectors in (('["SH", "JS"]', '["06..09"]'), ('["ＳＨ", "江 苏 省"]', '["０６..０９"]')):
        path = tmp_path / "mine.toml"
        path.write_text(head.format(regions=regions, sectors=sectors), encoding="utf-8")
        made.append(compile_scenario(load(path), china).capacity.table)
    assert (made[0] < 1).any()
    assert (made[0] == made[1]).all()


def test_numbers_that_lost_their_zeros_are_found_where_only_one_fits():
    matcher = Matcher([("06", (0,)), ("07", (1,)), ("007", (2,))], [])
    assert matcher.fits(6.0) == ((0,),)
    assert matcher.fits("7") == ((1,), (2,))
    assert matcher.fits("8") == matcher.fits("") == matcher.fits(" ") == ()


def test_exact_codes_pay_for_nothing_else(china):
    places = Places(china)
    assert found(places.regions, "SH", "JS")[1] == []
    assert "loose" not in vars(places.regions.matcher)
    assert "nodes" not in vars(places)
