"""ballast book list, show, why, check, build, sources, import, aggregate, split (and what `own` adds)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ballast import safe
from ballast.cli import own
from ballast.cli.console import Json, Reply, finding_lines, terminal_lang
from ballast.text import Lang, Text, counted

if TYPE_CHECKING:
    from ballast.economy import Economy
    from ballast.errors import Finding

app = typer.Typer(help="Books: what is known about an economy.")

BookArgument = Annotated[
    str,
    typer.Argument(metavar="BOOK", help="A built-in book (see `ballast book list`) or a folder."),
]

_WORDS = {
    "regions": Text("regions", "地区"),
    "sectors": Text("sectors", "部门"),
    "fit": Text(
        "recipes moved {moved} of inputs; largest gap to a margin {gap} ({where})",
        "投入结构移动了{moved}的投入；与边际合计的最大差距{gap}（{where}）",
    ),
    "history": Text("how the book was made (share of all output moved)", "账本的形成（移动金额占总产出）"),
}


@app.command("list")
def list_(json: Json = False) -> Reply:
    """List the built-in books."""
    from ballast.economy import book
    from ballast.evidence import worst

    found = [book.load(name) for name in book.builtin_books()]
    width = max((len(e.name) for e in found), default=0)
    lang = terminal_lang()
    words = [f"{e.name:<{width}}  {e.title[lang]} ({e.r} x {e.k}, {e.year})" for e in found]
    books = [
        {"name": e.name, "title": e.title, "year": e.year, "nodes": e.n, "grade": worst(e.grades.values())}
        for e in found
    ]
    return Reply(words, {"books": books})


@app.command()
def show(
    name: BookArgument,
    codes: Annotated[bool, typer.Option("--codes", help="List every region and sector instead.")] = False,
    json: Json = False,
) -> Reply:
    """Show an economy on one page: its size, largest links, concentration, and what is weak."""
    from ballast.cli import portrait as words
    from ballast.economy import book
    from ballast.economy.portrait import portrait
    from ballast.evidence import worst

    economy = book.load(name)
    lang = terminal_lang()
    grade, digest = worst(economy.grades.values()), book.book_hash(economy)
    document = {
        "name": economy.name,
        "title": economy.title,
        "year": economy.year,
        "unit": economy.unit,
        "currency": economy.currency,
        "nodes": economy.n,
        "grade": grade,
        "grades": economy.grades,
        "hash": digest,
        "regions": economy.regions,
        "sectors": economy.sectors,
        "sources": economy.sources,
        "history": economy.history,
    }
    if codes:
        return Reply(_codes(economy, lang), document)
    page = portrait(economy)
    return Reply(words.page(economy, page, grade, digest, lang), {**document, "portrait": page})


def _codes(economy: Economy, lang: Lang) -> list[str]:
    lines = [f"{economy.name}: {economy.title[lang]}"]
    for key, rows in (("regions", economy.regions), ("sectors", economy.sectors)):
        lines += ["", f"{_WORDS[key][lang]}:", *(f"  {x.code:<8} {x.name.en} {x.name.zh}" for x in rows)]
    return lines


@app.command()
def why(
    name: BookArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="REGION.SECTOR, or the node's name.")],
    json: Json = False,
) -> Reply:
    """Say where one node's figures come from: sources, grades, and every step since."""
    from ballast.cli import portrait as words
    from ballast.economy import book
    from ballast.economy.portrait import find_node, provenance

    economy = book.load(name)
    found = provenance(economy, find_node(economy, node))
    document = {"book": economy.name, "node": found.node, "provenance": found}
    return Reply(words.why(economy, found, terminal_lang()), document)


@app.command()
def check(name: BookArgument, json: Json = False) -> Reply:
    """Find what is wrong or doubtful in a book."""
    from ballast.economy import book
    from ballast.economy.checks import check as findings_of

    economy, unread = book.inspect(name)
    findings = list(dict.fromkeys([*unread, *findings_of(economy)]))
    count = {level: sum(f.level == level for f in findings) for level in ("error", "warning", "note")}
    closing = f"{economy.name}: " + ", ".join(f"{level}s: {n}" for level, n in count.items())
    document = {"book": economy.name, "counts": count, "findings": findings}
    words = [*finding_lines(findings), closing]
    return Reply(words, document, exit_code=2 if count["error"] else 0)


ConcordanceArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="The concordance, CSV or Excel: from, to, and share for splits."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the new book.")]


@app.command()
def aggregate(
    name: BookArgument, concordance: ConcordanceArgument, out: OutOption, json: Json = False
) -> Reply:
    """Merge regions or sectors by a concordance file; totals stay."""
    return _regrouped(name, concordance, out, splitting=False)


@app.command()
def split(
    name: BookArgument, concordance: ConcordanceArgument, out: OutOption, json: Json = False
) -> Reply:
    """Split regions or sectors in given shares; totals stay.

    The parts start alike; what sets them apart comes from your own figures (`ballast book add`).
    """
    return _regrouped(name, concordance, out, splitting=True)


def _regrouped(name: str, concordance: Path, out: Path, *, splitting: bool) -> Reply:
    from dataclasses import replace

    from ballast.economy import book
    from ballast.economy.book import undo
    from ballast.economy.regroup import concord

    book.check_target(out)
    before = book.load(name)
    regions, sectors = concord.read(concordance, before, splitting=splitting)
    after, findings = concord.regroup(before, regions, sectors)
    after = replace(after, name=safe.name(out.resolve().name))
    kept = undo.replace(after, out, of=name)
    size = " → ".join(_size(e) for e in (before, after))
    return _made(after, out, kept, [*finding_lines(findings), size], findings=findings)


@app.command()
def regionalise(
    name: BookArgument,
    facts: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Output by region and sector, CSV or Excel; only shares count."
        ),
    ],
    out: OutOption,
    distance: Annotated[
        Path | None, typer.Option("--distance", metavar="FILE", help="Distances between the regions, km.")
    ] = None,
    exponents: Annotated[
        str, typer.Option("--exponents", help="How fast trade falls with distance: low,central,high.")
    ] = "0.6,1,1.5",
    json: Json = False,
) -> Reply:
    """Make a regional book from a national one and what is known of its regions.

    National totals are met exactly. No table says who sells to whom: gravity estimates it, with three
    exponents that the ensemble samples between.
    """
    from dataclasses import replace

    from ballast.economy import book
    from ballast.economy.book import undo
    from ballast.economy.regions import facts as regional_facts
    from ballast.economy.regions import tables as regional
    from ballast.text import Text

    book.check_target(out)
    given = _exponents(exponents)
    spread = given if distance is not None else (0.0, 0.0, 0.0)
    national = book.load(name)
    regional.refuse_regions(national)
    known = regional_facts.read(facts, national, distance)
    made = regional.regionalise(national, known, exponents=spread)
    title = Text(
        f"{national.title.en}: {counted(made.economy.r, 'region')}",
        f"{national.title.zh}：{made.economy.r} 个地区",
    )
    economy = replace(made.economy, name=safe.name(out.resolve().name), title=title)
    kept = undo.replace(economy, out, of=name)
    worst = max(made.gaps, key=lambda g: g[2])
    fit = _WORDS["fit"].format(moved=f"{100 * made.gaps[0][1]:.3g}%", gap=f"{worst[2]:.1e}", where=worst[0])
    lines = [_size(economy), fit[terminal_lang()], *finding_lines(made.findings)]
    return _made(economy, out, kept, lines, gaps=made.gaps, findings=made.findings)


def _exponents(text: str) -> tuple[float, float, float]:
    try:
        low, central, high = (float(x) for x in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            "write three numbers: low,central,high", param_hint="--exponents"
        ) from None
    if not 0 <= low <= central <= high <= 10:
        raise typer.BadParameter("they must rise, from 0 to at most 10", param_hint="--exponents")
    return low, central, high


@app.command()
def sources(json: Json = False) -> Reply:
    """List the layouts that `import` reads."""
    from ballast.economy import readers

    titles = readers.titles()
    width, lang = max(map(len, titles)), terminal_lang()
    words = [f"{name:<{width}}  {title[lang]}" for name, title in titles.items()]
    return Reply(words, {"sources": titles})


@app.command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="How the table is laid out (see `ballast book sources`)."),
    ],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The table: a file, or the folder it is in.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the book.")],
    year: Annotated[int | None, typer.Option("--year", help="Which year, where there are several.")] = None,
    region: Annotated[
        str | None, typer.Option("--region", metavar="PROVINCE", help="nbs-province: this province alone.")
    ] = None,
    distance: Annotated[
        Path | None,
        typer.Option(
            "--distance", metavar="FILE", help="nbs-province, finland: distances between regions, km."
        ),
    ] = None,
    exponent: Annotated[
        float | None,
        typer.Option("--exponent", help="How fast trade falls with that distance [default: 1]."),
    ] = None,
    level: Annotated[
        str | None, typer.Option("--level", help="bea: summary or detail [default: summary].")
    ] = None,
    assumption: Annotated[
        str | None,
        typer.Option("--assumption", help="bea: fixed-product-sales (default) or fixed-industry-sales."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help='long: the unit of money, such as "m EUR" or 亿元.')
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="long: such as EUR or CNY.")] = None,
    countries: Annotated[
        bool | None,
        typer.Option(
            "--countries/--no-countries",
            help="long: codes of regions are those of countries [default: where all have three letters].",
        ),
    ] = None,
    keep_sums: Annotated[
        bool | None,
        typer.Option("--keep-sums", help="long: read rows that add up like totals: they are none."),
    ] = None,
    json: Json = False,
) -> Reply:
    """Make a book from a published table.

    Nothing is repaired in silence: what had to be moved is said, with its size, and stands in the
    book's history. The findings are kept in the book (`ballast book check`) and as findings.csv.
    """
    from ballast.cli import portrait as words
    from ballast.economy import book, readers
    from ballast.economy.book import undo

    book.check_target(out)
    options = {"year": year, "region": region, "distance": distance, "exponent": exponent}
    options |= {"level": level, "assumption": assumption, "unit": unit, "currency": currency}
    options |= {"countries": countries, "keep_sums": keep_sums}
    read = readers.read(source, path, name=safe.name(out.resolve().name), **options)
    economy = read.economy
    kept = undo.replace(
        economy, out, beside=lambda stage: _write_findings(stage / book.FINDINGS, read.findings)
    )
    lang = terminal_lang()
    lines = [economy.title[lang], _size(economy), *finding_lines(read.findings)]
    lines += ["", _WORDS["history"][lang], *words.steps(economy.history, lang), ""]
    return _made(economy, out, kept, lines, findings=read.findings, history=economy.history)


def _write_findings(path: Path, findings: Sequence[Finding]) -> None:
    """As CSV that Excel opens with its characters right."""
    rows: list[tuple[object, ...]] = [("level", "where", "what", "residual", "todo")]
    rows += [(f.level, f.where, f.what, f.residual, f.todo) for f in findings]
    path.write_text(safe.csv_text(rows), encoding="utf-8-sig", newline="")


@app.command()
def build(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which book to build, such as china-2020.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Folder with the source tables.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the book [default: ./NAME].")
    ] = None,
    json: Json = False,
) -> Reply:
    """Build a book from its public source tables.

    Prints residuals before and after, the cells changed most, and what is estimated.
    """
    from ballast.economy import book, builders
    from ballast.economy.book import undo

    folder = out if out is not None else Path(name)
    book.check_target(folder)
    economy, report = builders.build(name, source)
    kept = undo.replace(economy, folder)
    return _made(economy, folder, kept, report.markdown(terminal_lang()).split("\n"), report=report)


def _size(economy: Economy) -> str:
    """How large a book is, in the terminal's language."""
    e = economy
    return Text(
        f"{counted(e.r, 'region')}, {counted(e.k, 'sector')}, {counted(e.n, 'node')}, year {e.year}",
        f"{e.r} 个地区，{e.k} 个部门，{e.n} 个节点，{e.year} 年",
    )[terminal_lang()]


def _made(economy: Economy, folder: Path, kept: bool, lines: Sequence[str], **more: object) -> Reply:
    """The reply of a command that wrote a book: its own lines, then where the book is and how to have back
    what it replaced, if that was somebody's work. `more` is what the document holds besides.
    """
    from ballast.economy import book

    digest = book.book_hash(economy)
    back = [own.KEPT.format(folder=folder)[terminal_lang()]] if kept else []
    document = {"book": economy.name, "folder": folder.resolve(), "hash": digest, "nodes": economy.n}
    return Reply(
        [*lines, f"{economy.name}: {folder.resolve()} (hash {digest[:12]})", *back], {**document, **more}
    )


app.command()(own.template)
app.command()(own.add)
app.command()(own.undo)
