"""Pictures show the numbers they are made of, stand alone, and take no harm from names."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from ballast import safe, units
from ballast.economy import Economy
from ballast.errors import BookError, InputError
from ballast.propagate.run import Run
from ballast.propagate.simulate import simulate
from ballast.report import colours
from ballast.response import Response
from ballast.scenario import load
from ballast.show.chart import Chart
from ballast.show.pictures import CHAIN
from ballast.text import Text

SVG = "{http://www.w3.org/2000/svg}"


def words_of(chart: Chart) -> list[str]:
    """Every text in the picture, in order; what does not parse as XML fails here."""
    tree = ElementTree.fromstring(chart.svg)
    return [t.text or "" for t in tree.iter(f"{SVG}text")]


def line_of(chart: Chart, stroke: str) -> np.ndarray:
    """[T, 2] the points of the line in that colour."""
    tree = ElementTree.fromstring(chart.svg)
    path = next(p for p in tree.iter(f"{SVG}path") if p.get("stroke") == stroke)
    return np.array([[float(v) for v in p.split()] for p in re.split("[ML]", path.get("d", "")) if p])


def printed(value: float) -> str:
    """As a tile has it."""
    return units.signed(value, 0 if abs(value) >= 9.95 else 1)


def all_of(economy: Economy, run: Run, answer: Response) -> list[Chart]:
    kinds = ("path", "map", "chain", "relief", "landing")
    made = [economy.plot.map(), economy.plot.chain("N.vehicles")]
    made += [getattr(run.plot, k)() for k in kinds[:3]]
    return made + [getattr(answer.plot, k)() for k in kinds]


def test_a_path_is_drawn_where_its_figures_are(run: Run) -> None:
    """One pixel is one share of the axis: heights are a straight line of the values."""
    points = line_of(run.plot.path(), colours.NOTHING)
    base = run.economy.industrial_value_added
    path = 100 * (run.level @ base) / base.sum()
    assert len(points) == 90
    slope, offset = np.polyfit(path, points[:, 1], 1)
    assert slope < 0
    np.testing.assert_allclose(points[:, 1], slope * path + offset, atol=0.1)


def test_two_runs_stand_beside_each_other_under_their_names(run: Run, economy: Economy) -> None:
    other = simulate(economy, load("vehicle-parts"), model="ario")
    chart = run.plot.path(beside=other, names=("default", "ario"))
    assert {"default", "ario"} <= set(words_of(chart))
    assert not np.allclose(line_of(chart, colours.NOTHING), line_of(chart, colours.PLAN))
    assert "Do nothing" not in words_of(run.plot.path())
    with pytest.raises(InputError, match="other days"):
        run.plot.path(beside=simulate(economy, replace(load("vehicle-parts"), days=60)))


def test_a_run_that_diverged_is_drawn_up_to_the_day_before(run: Run) -> None:
    output = run.record.output.copy()
    output[12:, 6] = np.nan
    broken = replace(run, record=run.record._replace(output=output))
    chart = broken.plot.path()
    assert len(line_of(chart, colours.NOTHING)) == 12
    assert "diverged on 2022-01-13" in chart.title
    for kind in ("map", "chain"):
        with pytest.raises(InputError, match="diverged"):
            getattr(broken.plot, kind)()
    output[0] = np.nan
    none = replace(run, record=run.record._replace(output=output))
    with pytest.raises(InputError, match="no day to draw"):
        none.plot.path()
    assert "<img" not in none._repr_html_()


def test_maps_print_the_deviation_of_every_region(run: Run, answer: Response) -> None:
    table = run.deviation("region").loc["2022-02"]
    said = words_of(run.plot.map("2022-02"))
    for code in "NCW":
        assert printed(table[code]) in said
    rows = answer.by_region.set_index(["month", "region"]).loc["2022-02"]
    both = words_of(answer.plot.map("2022-02"))
    for column in ("nothing", "plan"):
        assert {printed(v) for v in rows[column]} <= set(both)
    assert {"Do nothing", "With the plan"} <= set(both)
    worst = run.deviation("region")["C"].min()
    assert run.plot.map().title == f"Coast loses most in January 2022: {-worst:.1f}%"
    with pytest.raises(InputError, match="no month '2022-05'"):
        run.plot.map("2022-05")


def test_a_map_of_shares_adds_up(economy: Economy) -> None:
    """260 of 562 on the Coast is 46%, 168 in the North 30%, 134 in the West 24%."""
    assert {"46", "30", "24"} <= set(words_of(economy.plot.map()))
    assert economy.plot.map("exports").title == "Coast has most of exports: 81.0%"  # 51 of 63
    with pytest.raises(InputError, match="no 'people' by region"):
        economy.plot.map("people")


def test_the_chain_of_an_economy_is_that_of_the_teaching_page(economy: Economy) -> None:
    """North's vehicles buy most of Coast's parts (26.5 of 75), those of West's materials (16.4 of 54)."""
    said = words_of(economy.plot.chain("North, Vehicles"))
    at = [said.index(x) for x in ("West, Materials", "Coast, Parts", "North, Vehicles")]
    assert at == sorted(at)
    assert "Parts, 26.5 bn CNY a year (35.3%)" in said
    assert "Materials, 16.4 bn CNY a year (30.3%)" in said
    with pytest.raises(BookError, match="no node 'Nowhere'"):
        economy.plot.chain("Nowhere")
    with pytest.raises(InputError, match="nodes 0 to 11"):
        economy.plot.chain(12)


def test_a_chain_that_ends_abroad_says_so(economy: Economy) -> None:
    slots = (economy.slot_node == 2) & (economy.slot_product == 1)
    abroad = replace(
        economy,
        slot_domestic=np.where(slots, 0.0, economy.slot_domestic),
        slot_imports=np.where(slots, 50.0, economy.slot_imports),
    )
    said = words_of(abroad.plot.chain("N.vehicles"))
    assert said.index("From abroad") < said.index("North, Vehicles")
    assert "Parts, 50.0 bn CNY a year (66.7%)" in said


def test_why_a_node_fell_is_told_back_to_the_shock(run: Run) -> None:
    """58.9% on 25 January, as on the teaching page, for want of Coast's parts, which were shut."""
    said = words_of(run.plot.chain("N.vehicles"))
    at = [said.index(x) for x in ("Root cause", "Coast, Parts", "What fell", "North, Vehicles")]
    assert at == sorted(at)
    assert "59% of baseline on 25 Jan" in said
    assert "Root cause" in words_of(run.plot.chain("C.parts"))
    assert "Orders missing" in words_of(run.plot.chain("C.materials"))
    with pytest.raises(InputError, match="full=True"):
        simulate(run.economy, load("vehicle-parts"), full=False).plot.chain()


def test_pictures_of_an_answer_are_those_of_its_report(answer: Response) -> None:
    from ballast.report import facts, html
    from ballast.report.words import Words

    page = html.page(answer, facts.gather(answer), "zh")
    assert page.relief is not None
    assert page.landing is not None
    assert answer.plot.path("zh").title == page.path.title
    assert answer.plot.relief("zh").title == page.relief.title
    assert answer.plot.landing("zh").title == page.landing.title
    assert answer.plot.chain(1, "zh").title == page.chains[0].title
    assert [b.name for b in page.chains[0].boxes] == [
        w for w in words_of(answer.plot.chain(1, "zh")) if w in {b.name for b in page.chains[0].boxes}
    ]
    assert Words("zh")("label.nothing") in words_of(answer.plot.path("zh"))


def test_what_there_is_no_picture_of_is_said(economy: Economy, run: Run, answer: Response) -> None:
    with pytest.raises(AttributeError, match="respond"):
        _ = run.plot.relief
    with pytest.raises(AttributeError, match="simulate"):
        _ = economy.plot.path
    with pytest.raises(
        AttributeError, match=r"no picture called 'pie'. There are: \.map\(\), \.chain\(\)\."
    ):
        _ = economy.plot.pie
    with pytest.raises(InputError, match="no blockage 99"):
        answer.plot.chain(99)
    bare = replace(
        answer, landings=(), relief=replace(answer.relief, picks=(), curve=answer.relief.curve[:0])
    )
    for kind in ("relief", "landing"):
        with pytest.raises(InputError, match=f"{kind}: "):
            getattr(bare.plot, kind)()
    assert repr(run.plot) == "pictures: .path(), .map(), .chain()"


def test_pictures_are_listed_in_the_language_of_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert repr(run.plot) == "图：.path()、.map()、.chain()"


@pytest.mark.parametrize("lang", ["fr", "EN", 5, ""])
def test_a_language_that_nothing_is_written_in_is_refused(
    economy: Economy, run: Run, answer: Response, lang: str
) -> None:
    for made in (economy.plot.map, run.plot.path, run.plot.map, run.plot.chain, answer.plot.relief):
        with pytest.raises(InputError, match=f'lang: .*{lang!r}. Give "en" or "zh"'):
            made(lang=lang)
    with pytest.raises(InputError, match="lang: "):
        economy.plot.chain("N.vehicles", lang)


def test_a_chain_says_which_arrays_it_needs(economy: Economy, run: Run) -> None:
    """And those that it names are enough."""
    plot = load("vehicle-parts")
    with pytest.raises(InputError, match=r"chain: .* did not keep rho, output, .* keep=\['rho', 'output'"):
        simulate(economy, plot, keep=[]).plot.chain()
    with pytest.raises(InputError, match=r"did not keep rho, capacity, .*full=True"):
        simulate(economy, plot, full=False).plot.chain()
    few = simulate(economy, plot, keep=list(CHAIN))
    assert few.plot.chain().title == run.plot.chain().title


@pytest.mark.parametrize(("name", "said"), [("", "save: no file is named"), ("x", "save: x has no ending")])
def test_a_chart_is_saved_in_a_file_with_an_ending(run: Run, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run.plot.path().save(name)


def test_no_two_pictures_on_a_page_share_the_name_of_a_part(
    economy: Economy, run: Run, answer: Response
) -> None:
    """A screen reader finds the words of a picture by their ids."""
    ids = [i for c in all_of(economy, run, answer) for i in re.findall(r' id="([^"]+)"', c.svg)]
    assert len(ids) > 20
    assert len(ids) == len(set(ids))
    again = [c.svg for c in all_of(economy, run, answer)]
    assert again == [c.svg for c in all_of(economy, run, answer)]


class Images(HTMLParser):
    """The images on a page, by their attributes, and every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.found.append({name: value or "" for name, value in attrs})


def test_a_notebook_shows_an_image_that_holds_the_whole_picture(
    economy: Economy, run: Run, answer: Response
) -> None:
    """SVG in the page is taken out of a notebook that somebody else has run; an image is left in it."""
    for chart in all_of(economy, run, answer):
        page = Images(chart._repr_html_())
        assert page.tags == ["style", "figure", "img"]
        image = page.found[0]
        kind, data = image["src"].split(",")
        assert kind == "data:image/svg+xml;base64"
        assert base64.b64decode(data).decode("utf-8") == chart.svg
        tree = ElementTree.fromstring(chart.svg)
        assert (image["width"], image["height"]) == (tree.get("width"), tree.get("height"))


def test_an_image_says_its_words_once(economy: Economy, run: Run, answer: Response) -> None:
    for chart in all_of(economy, run, answer):
        words = Images(chart._repr_html_()).found[0]["alt"]
        assert words.count(chart.title) == 1
        assert chart.note in words
    said = Images(run.plot.map()._repr_html_()).found[0]["alt"]
    assert all(name in said for name in ("North", "Coast", "West"))


def test_an_image_turns_dark_with_the_notebook_only(run: Run) -> None:
    """A rule that names the notebook's own mark: a saved page, which is white, has none."""
    style = re.search("<style>(.*)</style>", run.plot.map()._repr_html_())
    assert style
    selectors = style[1].partition("{")[0].split(",")
    assert selectors
    assert all(re.match(r"body[\[.][^ ]+ \.ballast-chart img$", s) for s in selectors)
    assert "filter" not in run.plot.map().page


TURN = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])  # hues by 180°


def in_the_dark(colour: str, invert: float) -> np.ndarray:
    """What CSS makes of a colour: c becomes v - (2v - 1)c, then the hues turn about the grey axis."""
    c = np.array([int(colour.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.clip(TURN @ (invert - (2 * invert - 1) * c), 0, 1)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """The ratio of WCAG 2: 1 is none, 21 black on white."""
    light = [
        float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])
        for c in (one, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_what_is_written_can_be_read_in_the_dark(run: Run) -> None:
    """At least 3 on every tile, whose figures are bold, and 4.5 on the page, which gets #121212."""
    rule = re.search(r"invert\((0\.\d+)\) hue-rotate\(180deg\)", run.plot.map()._repr_html_())
    assert rule
    invert = float(rule[1])
    page = in_the_dark("#ffffff", invert)
    assert [round(255 * c) for c in page] == [18, 18, 18]
    for words in (colours.INK, colours.SOFT, colours.NOTHING, colours.PLAN):
        assert contrast(in_the_dark(words, invert), page) > 4.5
    for value in (0.0, *(sign * limit for limit in colours.LIMITS for sign in (1, -1))):
        tile, ink = in_the_dark(colours.fill(value), invert), in_the_dark(colours.ink(value), invert)
        assert contrast(tile, ink) > 3


def test_small_print_of_an_image_stays_legible(run: Run) -> None:
    """However narrow the page: not below seven tenths of 880, 616 pixels."""
    image = Images(run.plot.path()._repr_html_()).found[0]
    assert image["width"] == "880"
    assert "min-width:616px" in image["style"]
    assert "overflow-x:auto" in run.plot.path()._repr_html_()


def test_pictures_are_found_on_the_class_without_being_made(run: Run) -> None:
    """IPython completes `run.plot.` only where `plot` is no property; it can still not be set."""
    assert not isinstance(type(run).plot, property)
    assert "path" in (type(run).plot.__doc__ or "")
    assert {"path", "map", "chain"} <= set(dir(run.plot))
    with pytest.raises(AttributeError):
        run.plot = None  # type: ignore[misc]


def test_a_saved_picture_stands_alone(economy: Economy, run: Run, answer: Response, tmp_path: Path) -> None:
    for i, chart in enumerate(all_of(economy, run, answer)):
        svg, page = chart.save(tmp_path / f"{i}.svg"), chart.save(str(tmp_path / f"{i}.html"))
        tree = ElementTree.fromstring(svg.read_text("utf-8"))
        assert float(tree.get("width", "0")) >= 400
        assert not re.search(r"(href|src)=|url\(|<script", page.read_text("utf-8"))
        assert "default-src 'none'" in page.read_text("utf-8")
    assert len(list(tmp_path.iterdir())) == 2 * (i + 1)  # and nothing beside them
    for wrong in ("path.png", "path"):
        with pytest.raises(InputError, match=r"saved as \.svg"):
            chart.save(tmp_path / wrong)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\x00\x1b[2J", "\u202egnp", "长" * 90, "a&b\"'"]
)
def test_hostile_names_are_only_words(run: Run, name: str) -> None:
    e = run.economy
    regions = tuple(replace(r, name=Text(name, name)) for r in e.regions)
    hostile = replace(run, economy=replace(e, regions=regions, name=name, title=Text(name, name)))
    charts = [hostile.plot.map(), hostile.plot.chain(), hostile.plot.path(), hostile.economy.plot.map()]
    for chart in [*charts, hostile.economy.plot.chain("N.vehicles")]:
        tags = {t.tag.removeprefix(SVG) for t in ElementTree.fromstring(chart.svg).iter()}
        assert tags <= {"svg", "title", "desc", "text", "line", "rect", "path", "g", "circle"}
        assert safe.words(chart.svg) == chart.svg
        assert safe.name(repr(chart)) == repr(chart)
        assert "<script" not in chart.page


def test_an_economy_is_read_without_loading_pictures() -> None:
    import subprocess
    import sys

    code = "import sys, ballast; ballast.load_book('teaching'); print('ballast.show' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
