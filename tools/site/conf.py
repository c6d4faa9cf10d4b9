"""The documentation as web pages (`make site`), for Sphinx, whose source is the project's root.

The pages are the Markdown files as they lie in the project. The navigation is the tables of docs/index.md:
its headings are the groups and its rows the pages, so a page that is listed there is on the site. Sphinx is
imported in `setup` alone, so that tests read the navigation without it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
INDEX = "docs/index"
BESIDE = ("README", "CONTRIBUTING", "CHANGELOG")  # pages of the site that lie beside docs/


class Entry(NamedTuple):
    page: str  # where it lies below the root, without its ending
    title: str  # English and Chinese


def navigation(index: str) -> dict[str, list[Entry]]:
    """Group -> pages, out of the tables of docs/index.md: | why | [title](page.md) | Chinese title |."""
    groups: dict[str, list[Entry]] = {}
    for part in re.split(r"^## ", index, flags=re.M)[1:]:
        rows = re.findall(r"^\|[^|]*\| \[([^]]+)\]\(([^)#]+)\.md\) \|([^|]+)\|$", part, re.M)
        if rows:
            entries = [
                Entry(_below_root(page), f"{en[0].upper()}{en[1:]} {zh.strip()}") for en, page, zh in rows
            ]
            groups[part.splitlines()[0]] = entries
    return groups


def _below_root(page: str) -> str:
    """`../README` and `tutorial`, as docs/index.md has them -> `README`, `docs/tutorial`."""
    return page.removeprefix("../") if page.startswith("../") else f"docs/{page}"


def toctrees(index: str) -> str:
    """The navigation in the words of MyST, to stand at the end of the index."""
    blocks = []
    for caption, entries in navigation(index).items():
        lines = "\n".join(f"{e.title} </{e.page}>" for e in entries)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n")
    return "\n\n" + "\n".join(blocks)


def pieces(run: str) -> Iterator[str]:
    """A run of Chinese letters as a reader may look for it: every two, three and four in a row.

    Chinese has no spaces between words, and the search of Sphinx finds whole words.
    """
    for size in (2, 3, 4):
        yield from (run[i : i + size] for i in range(len(run) - size + 1))


def setup(app: Any) -> None:
    from sphinx.search import languages
    from sphinx.search.en import SearchEnglish

    class SearchBoth(SearchEnglish):
        """English words by their stems, Chinese by its pieces."""

        def split(self, input: str) -> list[str]:
            chinese = re.findall(r"[\u4e00-\u9fff]{2,}", input)
            return super().split(input) + [p for run in chinese for p in pieces(run)]

    languages["both"] = SearchBoth

    def add_navigation(_: Any, page: str, source: list[str]) -> None:
        if page == INDEX:
            source[0] += toctrees(source[0])

    app.connect("source-read", add_navigation)


project = "Ballast 压舱石"
project_copyright = ""
language = "en"
html_search_language = "both"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = INDEX
include_patterns = ["docs/*.md", *(f"{page}.md" for page in BESIDE)]
exclude_patterns = [".*", "build", "dist", "out", "src", "tests", "tools", "benchmarks"]
myst_heading_anchors = 4  # links to headings work as they do where the files are read as Markdown
html_theme = "furo"
html_title = "Ballast 压舱石"
html_static_path = ["static"]
html_css_files = ["ballast.css"]
html_extra_path = ["start"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
