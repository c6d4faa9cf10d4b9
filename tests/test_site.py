"""The documentation as web pages: the navigation has every page once; what is built needs no network."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("site_conf", ROOT / "tools" / "site" / "conf.py")
assert spec is not None
assert spec.loader is not None
conf = importlib.util.module_from_spec(spec)
spec.loader.exec_module(conf)

INDEX = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
PAGES = {*(f"docs/{p.stem}" for p in (ROOT / "docs").glob("*.md")), *conf.BESIDE}
TOOLS = ("sphinx", "myst_parser", "furo")
MISSING = [name for name in TOOLS if importlib.util.find_spec(name) is None]


def test_the_navigation_lists_every_page_once():
    listed = [e.page for group in conf.navigation(INDEX).values() for e in group]
    assert sorted(listed) == sorted(PAGES - {conf.INDEX})
    assert [p for p in PAGES if not (ROOT / f"{p}.md").is_file()] == []


def test_the_navigation_is_what_sphinx_reads():
    """Two groups by hand; a table without links and the glossary are no navigation."""
    index = (
        "# What\n\n## Begin\n\n| you want to | read | 中文 |\n|---|---|---|\n"
        "| start | [the tutorial](tutorial.md) | 入门教程 |\n\n"
        "## Words\n\n| book | 账本 | a folder |\n\n"
        "## Code\n\n| change | [contributing](../CONTRIBUTING.md) | 参与开发 |\n"
    )
    assert conf.navigation(index) == {
        "Begin": [conf.Entry("docs/tutorial", "The tutorial 入门教程")],
        "Code": [conf.Entry("CONTRIBUTING", "Contributing 参与开发")],
    }
    assert conf.toctrees(index).split("```{toctree}")[2].splitlines() == [
        "", ":hidden:", ":caption: Code", "", "Contributing 参与开发 </CONTRIBUTING>", "```",
    ]  # fmt: skip


def test_the_guide_in_chinese_leads_to_every_page_by_its_name_in_the_index():
    guide = (ROOT / "docs" / "zh.md").read_text(encoding="utf-8")
    led = dict(re.findall(r"\| \[([^]]+)\]\(([^)#]+)\.md(?:#[^)]*)?\) \|", guide))
    named = {page: title for title, page in led.items()}
    wanted = dict(re.findall(r"\]\(([^)#]+)\.md\) \| ([^|]+) \|$", INDEX, re.M))
    del wanted["zh"]
    assert named == wanted


def test_the_guide_says_which_pages_have_a_summary_in_chinese():
    guide = (ROOT / "docs" / "zh.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\|.*\]\([^)]+\.md.*$", guide, re.M):
        page = (ROOT / "docs" / re.findall(r"\]\(([^)#]+)", row)[0]).read_text(encoding="utf-8")
        summary = re.search(r"^(?:\*\*[\u4e00-\u9fff]+。\*\*|中文：|## 要点|## 中文导读)", page, re.M)
        assert bool(summary) == bool(re.search("有中文|中文导读：", row)), row


def test_chinese_is_found_by_every_piece_of_it():
    assert list(conf.pieces("供应链")) == ["供应", "应链", "供应链"]
    assert "产业链供" in list(conf.pieces("产业链供应链"))


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"the group site is not installed: no {', '.join(MISSING)}")
def test_the_site_is_built_without_a_warning_and_needs_no_network(tmp_path):
    """Warnings are broken links, links to headings that are not there, images that are not found."""
    options = [
        "-W",
        "--keep-going",
        "-n",
        "-q",
        "-c",
        str(ROOT / "tools" / "site"),
        "-d",
        str(tmp_path / "cache"),
    ]
    command = [sys.executable, "-m", "sphinx", *options, str(ROOT), str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    site = tmp_path / "site"
    assert [p for p in PAGES if not (site / f"{p}.html").is_file()] == []
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//', text), path
        assert not re.search(r'<link[^>]* href="(?:https?:)?//', text), path
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", text), path
