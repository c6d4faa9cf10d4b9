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
schema     the fields of run.json
again      the way back: a response from run.json, paths.parquet and the book
carry      what people wrote into the files of an earlier run
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ballast.placing import Placing
from ballast.report.terminal import summary
from ballast.text import LANGS, Lang

if TYPE_CHECKING:
    from ballast.response import Response

FILES = ("report.html", "report.docx", "cases.xlsx", "run.json", "paths.parquet")

__all__ = ["FILES", "Written", "summary", "write"]


@dataclass(frozen=True)
class Written:
    """What `write` did: its files, and what became of what people had written into earlier ones."""

    files: tuple[Path, ...]
    kept: Mapping[str, Path]  # name of a file that somebody had changed -> where it stays
    carried: int  # cases whose entries stand in the new cases.xlsx
    left: int  # rows with entries that only the earlier one has: of cases not in the list, or said twice
    unknown: bool  # the earlier cases.xlsx has no ids any more, so that nothing could be carried over


def write(response: Response, out_dir: Path, lang: Literal["en", "zh", "both"] = "both") -> Written:
    """Write every file of the report into `out_dir`, or none of them.

    Files of the same names are replaced, others left alone; one that somebody has changed since it was
    written stays under another name, and what a desk wrote in cases.xlsx is carried over. The page always
    has both languages and opens in `lang`; the document and the workbook hold `lang`, or both with English
    first. Raises OutputError when the folder cannot be written.
    """
    from ballast.report import carry, excel, html, record, word  # their libraries load only when used
    from ballast.report.facts import gather

    facts = gather(response)
    langs: tuple[Lang, ...] = LANGS if lang == "both" else (lang,)
    out = Path(out_dir)
    ids = [c.id for c in response.cases]
    with Placing(out) as folder:
        kept = carry.keep(out, folder, FILES, ids)
        (folder / "report.html").write_text(html.render(response, facts, langs[0]), "utf-8", newline="\n")
        word.write(response, facts, langs, folder / "report.docx")
        excel.write(response, facts, langs, folder / "cases.xlsx", kept.earlier)
        record.write_paths(response, folder / "paths.parquet")
        record.write_json(response, facts, FILES, folder / "run.json")
    return Written(
        tuple(out / name for name in FILES),
        {name: out / other for name, other in kept.names.items()},
        len(kept.earlier.entries) - len(kept.earlier.without(ids)),
        len(kept.earlier.without(ids)) + kept.earlier.loose,
        "cases.xlsx" in kept.names and not kept.earlier.known,
    )
