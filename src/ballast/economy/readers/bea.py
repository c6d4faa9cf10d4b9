"""The United States' make, use and import tables of the Bureau of Economic Analysis, summary and detail.

Make V [industry, commodity] says who makes what, use U [commodity, industry or final user] who buys
what, the import matrix which part of that came from abroad. A book needs industry by industry, so an
assumption is named:

    fixed-product-sales    a buyer of a commodity buys from its makers by their market shares, T = V q^-1
                           (model D of Eurostat's manual, 2008; no negatives arise)
    fixed-industry-sales   an industry sells to the same buyers whatever it makes, T = g (V')^-1 (model C;
                           negatives arise and are reported); commodities without an industry of their
                           own code, and industries without their own commodity, go by market shares

Home flows are T (U - M), with M the import matrix; imports are named after the makers of like goods at
home. Inputs that no industry makes (unlike imports, used goods) are a row of value added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Region, Sector
from ballast.economy.readers.bea_names import CHINESE
from ballast.economy.readers.table import INVENTORIES, Table, as_published
from ballast.economy.sheets.cells import filled, matrix, plain
from ballast.economy.sheets.files import frame, kind_of, locate, sheets, year_in, years_in
from ballast.economy.sheets.labels import once, one_line
from ballast.economy.sheets.wide import cut
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text

TITLES = {"bea": Text("United States, make and use (BEA)", "美国供给与使用表（BEA）")}
OPTIONS = ("year", "level", "assumption")
MANY = False

ASSUMPTIONS = {
    "fixed-product-sales": Text("fixed product sales structure (model D)", "固定产品销售结构（模型D）"),
    "fixed-industry-sales": Text("fixed industry sales structure (model C)", "固定行业销售结构（模型C）"),
}
LEVELS = ("summary", "detail")
# a final column begins with the code; government is consumption (C) or investment (S, E, N) by its fourth
# letter
_FINAL = (
    ("households", Text("Households", "居民消费"), re.compile(r"F010")),
    ("government", Text("Government", "政府消费"), re.compile(r"F(06|07|10)C")),
    ("investment", Text("Private fixed investment", "私人固定投资"), re.compile(r"F02")),
    ("public_investment", Text("Public investment", "政府投资"), re.compile(r"F(06|07|10)[SEN]")),
    (*INVENTORIES, re.compile(r"F030")),
    (
        "on_imports",
        Text("Duties and services within the price of imports", "计入进口价格的关税与服务"),
        re.compile(r"F050"),
    ),
)
_VALUE_ADDED = (
    ("labour", Text("Compensation of employees", "劳动者报酬"), re.compile(r"V0*1")),
    (
        "net_taxes",
        Text("Taxes on production and imports, less subsidies", "生产和进口税净额"),
        re.compile(r"V0*2"),
    ),
    ("surplus", Text("Gross operating surplus", "营业盈余总额"), re.compile(r"V0*3")),
)
_UNLIKE = (
    "unlike",
    Text("Inputs no industry makes: unlike imports, used goods", "无国内行业生产的投入：不可比进口、旧货"),
)
_CODE = re.compile(r"[0-9A-Z]{2,6}|HS|Used|Other")
_TOTAL = re.compile(r"T\d+|Total|NA$")


@dataclass(frozen=True, eq=False)
class Tables:
    """Make [I, C], use [C, I] and final use [C, F], their imports, value added [V, I], by code.

    The column of imports is negative but for what is paid at home on them: customs duties, trade and
    transport from the border. That part is a final use of its own.
    """

    industries: list[str]
    commodities: list[str]
    make: Floats
    use: Floats
    final: Floats  # [C, 6]
    exports: Floats  # [C]
    use_imports: Floats
    final_imports: Floats
    passed: Floats  # [C] imports sent on abroad
    added: Floats


def read(
    path: Path, *, year: int | None = None, level: str = "summary", assumption: str = "fixed-product-sales"
) -> Table:
    """The tables in the folder `path` (make, use and import of one level and year)."""
    if level not in LEVELS:
        raise BookError(f"no level {level!r}: take one of {', '.join(LEVELS)}.")
    if assumption not in ASSUMPTIONS:
        raise BookError(f"no technology assumption {assumption!r}: take one of {', '.join(ASSUMPTIONS)}.")
    if not path.is_dir():
        raise BookError(f"{path}: give the folder that holds the make, use and import tables of one level.")
    files = {what: _find(path, level, year, what) for what in ("make", "use", "import")}
    when = year or _year(files)
    grids = {what: _grid(f) for what, f in files.items()}
    table = _table(_tables(grids, files), when, level, assumption, path, files)
    found = [f for grid in grids.values() for f in grid.attrs.get("findings", ())]
    return replace(table, findings=(*found, *table.findings))


def _find(path: Path, level: str, year: int | None, what: str) -> Path:
    """One file; tables before redefinitions are taken where both are there: only they have imports."""
    span = str(year or "")
    for pattern in (
        f"{level}*{span}*before*{what}*",
        f"{level}*{span}*{what}*",
        f"*{what}*{level}*{span}*",
    ):
        found = [
            f
            for f in sorted(path.iterdir())
            if re.fullmatch(pattern.replace("*", ".*"), f.stem, re.IGNORECASE)
        ]
        found = [f for f in found if f.is_file() and "name" not in f.stem.casefold()]
        if found:
            if len(found) > 1:
                names = ", ".join(f.name for f in found[:6])
                raise BookError(f"{path}: holds {len(found)} {what} tables ({names}). Say which: --year.")
            return found[0]
    return locate(
        path,
        f"{level}*{span}*{what}*".replace("**", "*"),
        what=f"the {level} {what} table beside the others",
    )


def _year(files: dict[str, Path]) -> int:
    """The year of the three tables; BookError where their names say different ones."""
    when = {what: year_in(file) for what, file in files.items() if years_in(file.name)}
    if len(set(when.values())) > 1:
        said = ", ".join(f"{files[what].name} ({y})" for what, y in when.items())
        raise BookError(f"{files['use'].parent}: the tables are of different years: {said}. Give one year.")
    return next(iter(when.values())) if when else year_in(files["use"])


# ---- reading ---------------------------------------------------------------------------------


def _grid(file: Path) -> Any:
    """A table as a frame of numbers, codes on both sides, totals left out."""
    import pandas as pd

    if kind_of(file) == "parquet":
        data = frame(file)
        if data.index.dtype != object and not str(data.index.dtype).startswith("str"):
            data = data.set_index(data.columns[0])
    else:
        data = _sheet_grid(file)
    rows = [not _TOTAL.match(str(c)) for c in data.index]
    columns = [not _TOTAL.match(str(c)) for c in data.columns]
    data = data.loc[rows, columns]
    once((str(c), i, str(file)) for i, c in enumerate(data.index))
    values, found = filled(data, str(file))
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    out = pd.DataFrame(values, index=data.index, columns=data.columns)
    out.attrs["findings"] = (*data.attrs.get("findings", ()), *found)
    return out


def _sheet_grid(file: Path) -> Any:
    import pandas as pd

    best = max(
        (
            (sum(bool(_CODE.fullmatch(plain(v))) for v in row), s, i)
            for s in sheets(file)
            for i, row in enumerate(s.rows[:20])
        ),
        key=lambda x: x[0],
        default=None,
    )
    if best is None or best[0] < 10:
        raise BookError(f"{file}: no row of industry codes in the first 20. Give the table as published.")
    _, sheet, head = best
    columns = once(
        (plain(v), c, sheet.place(head, c))
        for c, v in enumerate(sheet.rows[head])
        if c and _CODE.fullmatch(plain(v))
    )
    rows = once(
        (plain(r[0]), i, sheet.place(i, 0))
        for i, r in enumerate(sheet.rows)
        if i > head and r and _CODE.fullmatch(plain(r[0]))
    )
    values, findings = matrix(sheet, list(rows.values()), list(columns.values()))
    found = [*sheet.findings, *cut(sheet, head, rows.values()), *findings]
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    out = pd.DataFrame(values, index=list(rows), columns=list(columns))
    out.attrs["findings"] = (*sheet.findings, *findings)
    return out


def _tables(grids: dict[str, Any], files: dict[str, Path]) -> Tables:
    make, use, imports = grids["make"], grids["use"], grids["import"]
    industries, commodities = [str(c) for c in make.index], [str(c) for c in make.columns]
    problems = [
        f"{files['use']}: {what} {', '.join(missing[:5])} missing"
        for what, missing in (
            ("industries", [c for c in industries if c not in use.columns]),
            ("commodities", [c for c in commodities if c not in use.index]),
            ("exports", [] if any(re.match("F040", str(c)) for c in use.columns) else ["F040"]),
            ("value added", [] if any(re.match("V0", str(c)) for c in use.index) else ["V001"]),
        )
        if missing
    ]
    if problems:
        raise BookError(
            "\n".join(f"{p}: the tables do not belong together. Give one level and year." for p in problems)
        )
    imports = imports.reindex(index=commodities, columns=use.columns, fill_value=0.0)
    home = use.loc[commodities]

    def columns(data: Any, pattern: re.Pattern[str]) -> Floats:
        wanted = [c for c in data.columns if pattern.match(str(c))]
        return np.asarray(data[wanted].sum(axis=1).to_numpy(dtype=np.float64))

    abroad = re.compile("F040")
    return Tables(
        industries=industries,
        commodities=commodities,
        make=make.to_numpy(),
        use=home[industries].to_numpy(),
        final=np.array(
            [columns(home, p) for _, _, p in _FINAL[:-1]] + [np.maximum(columns(home, _FINAL[-1][2]), 0)]
        ).T,
        exports=columns(home, abroad),
        use_imports=imports[industries].to_numpy(),
        final_imports=np.array(
            [columns(imports, p) for _, _, p in _FINAL[:-1]] + [np.zeros(len(commodities))]
        ).T,
        passed=columns(imports, abroad),
        added=np.array(
            [
                use.loc[[p.match(str(c)) is not None for c in use.index], industries].sum(axis=0)
                for *_, p in _VALUE_ADDED
            ]
        ),
    )


# ---- from make and use to industry by industry -----------------------------------------------


def transformation(t: Tables, assumption: str) -> Floats:
    """T [I, C]: which industries a purchase of a commodity is from. Columns sum to 1 where anybody
    makes it.
    """
    total = t.make.sum(axis=0)
    shares = np.divide(t.make, total, out=np.zeros_like(t.make), where=total != 0)
    if assumption == "fixed-product-sales":
        return np.asarray(shares)
    both = [c for c in t.industries if c in t.commodities]
    i = np.array([t.industries.index(x) for x in both], np.intp)
    c = np.array([t.commodities.index(x) for x in both], np.intp)
    others = np.setdiff1d(np.arange(len(t.industries)), i)
    core = t.make[np.ix_(i, c)]
    if np.linalg.matrix_rank(core) < len(core):
        raise BookError(
            "fixed-industry-sales needs each industry to make its own commodity, and one here does not. "
            "Take --assumption fixed-product-sales."
        )
    out = np.array(shares)
    left = 1.0 - shares[np.ix_(others, c)].sum(
        axis=0
    )  # what the industries of the core sell of each commodity
    out[np.ix_(i, c)] = np.diag(core.sum(axis=1)) @ np.linalg.inv(core.T) * left
    return np.asarray(out)


def _table(t: Tables, year: int, level: str, assumption: str, path: Path, files: dict[str, Path]) -> Table:
    to_industry = transformation(t, assumption)
    by_makers = transformation(t, "fixed-product-sales")
    k = len(t.industries)
    output = t.make.sum(axis=1)
    made = t.make.sum(axis=0) != 0
    unlike = t.use[~made].sum(axis=0)
    key = f"bea-{level}-{year}"
    final = to_industry @ (t.final - t.final_imports)
    steps = as_published((key,))
    name = ASSUMPTIONS[assumption]
    secondary = float(
        t.make.sum()
        - sum(t.make[i, t.commodities.index(c)] for i, c in enumerate(t.industries) if c in t.commodities)
    )
    text = Text(
        f"make and use turned to industry by industry: {name.en}", f"供给与使用表转为行业×行业表：{name.zh}"
    )
    steps.append(Operation("slots", text, secondary / float(output.sum()), (key,)))
    if unlike.sum() > 0:
        text = Text(
            "inputs that no industry makes (unlike imports, used goods) are a row of value added",
            "无国内行业生产的投入（不可比进口、旧货）列为增加值的一行",
        )
        steps.append(Operation("nodes", text, float(unlike.sum() / output.sum()), (key,)))
    sectors, findings = _sectors(t.industries, path)
    return Table(
        file=str(path),
        name=f"us-{level}-{year}",
        title=Text(f"United States {year}, {k} industries", f"美国 {year}，{k} 行业"),
        unit="m USD",
        currency="USD",
        year=year,
        regions=(Region("US", Text("United States", "美国"), aliases=("USA",)),),
        sectors=sectors,
        categories=tuple((c, n) for c, n, _ in _FINAL),
        value_added_labels=(*((c, n) for c, n, _ in _VALUE_ADDED), _UNLIKE),
        node_region=np.zeros(k, np.int32),
        node_sector=np.arange(k, dtype=np.int32),
        flows=to_industry @ (t.use - t.use_imports),
        final=final,
        final_region=np.zeros(len(_FINAL), np.int32),
        final_category=np.arange(len(_FINAL), dtype=np.int32),
        imports=by_makers @ t.use_imports,
        final_imports=by_makers @ t.final_imports,
        exports=to_industry @ (t.exports - t.passed),
        output=output,
        value_added=np.vstack([t.added, unlike]),
        sources=(_source(key, year, level, files),),
        grades={"make and use": Grade.B, "industry by industry": Grade.D, "imports by user": Grade.C},
        history=tuple(steps),
        findings=tuple(findings),
    )


def _sectors(codes: list[str], path: Path) -> tuple[tuple[Sector, ...], list[Finding]]:
    """Names from the bureau's list of codes where the folder has one, Chinese ones for the summary
    industries.
    """
    names: dict[str, str] = {}
    for file in sorted(path.glob("*IndustryCodeName*")):
        rows = frame(file)
        names |= {str(c): one_line(str(n)) for c, n in zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True)}
    out = []
    for code in codes:
        en = names.get(code) or CHINESE.get(code, (code, code))[0]
        out.append(classes.sector(code, Text(en, CHINESE.get(code, ("", en))[1]), classes.of_naics(code)))
    unknown = [s for s in out if not s.like]
    return tuple(out), classes.findings(unknown, str(path))


def _source(key: str, year: int, level: str, files: dict[str, Path]) -> Source:
    return Source(
        key,
        f"Make, use and import tables {year}, {level}, producers' prices",
        "U.S. Bureau of Economic Analysis",
        f"reference year {year}",
        "https://www.bea.gov/industry/input-output-accounts-data",
        Grade.B,
        "read in " + ", ".join(f.name for f in files.values()),
        "public domain",
    )
