"""A response as something people read: a page, a document, a workbook, two files for machines, a summary.

write(response, out, lang)   report.html, report.docx, cases.xlsx, run.json, paths.parquet; all or none
summary(response, lang)      the same answers in about twenty lines for a terminal

words      every sentence, English and Chinese side by side, in words.toml
facts      the numbers that sentences and charts quote, read once
brief      the seven answers, and the sentence over each chart
tables     the tables once, for all three formats
colours    the one diverging scale
svg, charts                        pictures, drawn by hand
html, word, excel, record, terminal   one file a format
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ballast.placing import Placing
from ballast.report.terminal import summary
from ballast.text import LANGS, Lang

if TYPE_CHECKING:
    from ballast.response import Response

FILES = ("report.html", "report.docx", "cases.xlsx", "run.json", "paths.parquet")

__all__ = ["FILES", "summary", "write"]


def write(
    response: Response, out_dir: Path, lang: Literal["en", "zh", "both"] = "both"
) -> tuple[Path, ...]:
    """Write every file of the report into `out_dir`, or none of them.

    Files of the same names are replaced, others left alone. The page always has both languages and
    opens in `lang`; the document and the workbook hold `lang`, or both with English first. Raises
    OutputError when the folder cannot be written.
    """
    from ballast.report import excel, html, record, word  # the formats' libraries load only when used
    from ballast.report.facts import gather

    facts = gather(response)
    langs: tuple[Lang, ...] = LANGS if lang == "both" else (lang,)
    with Placing(Path(out_dir)) as folder:
        (folder / "report.html").write_text(html.render(response, facts, langs[0]), "utf-8", newline="\n")
        word.write(response, facts, langs, folder / "report.docx")
        excel.write(response, facts, langs, folder / "cases.xlsx")
        record.write_paths(response, folder / "paths.parquet")
        record.write_json(response, facts, FILES, folder / "run.json")
    return tuple(Path(out_dir) / name for name in FILES)
