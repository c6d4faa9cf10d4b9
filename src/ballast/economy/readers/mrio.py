"""World tables that pymrio reads: EXIOBASE 3, OECD ICIO, Eora26, GLORIA, and pymrio's own test table.

pymrio turns each release into the same object (Z, Y, factor inputs); here it becomes a `Table`. Rows of
value added are taken as published where they add up to output less inputs within `CLOSE`; otherwise
value added is that difference. pymrio is an extra: pip install "ballaststone[tables]".
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Sector
from ballast.economy.names.countries import region
from ballast.economy.readers.known import faulty_release
from ballast.economy.readers.table import INVENTORIES, Table, as_published
from ballast.economy.sheets.cells import unknown
from ballast.economy.sheets.files import check_release, years_in
from ballast.economy.sheets.labels import one_line
from ballast.errors import BookError, Finding
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

TITLES = {
    "exiobase3": Text("EXIOBASE 3 (pymrio)", "EXIOBASE 3（由pymrio读取）"),
    "oecd-icio": Text("OECD inter-country tables (pymrio)", "经合组织国家间投入产出表（由pymrio读取）"),
    "eora26": Text("Eora26 (pymrio)", "Eora26（由pymrio读取）"),
    "gloria": Text("GLORIA (pymrio)", "GLORIA（由pymrio读取）"),
    "pymrio-test": Text(
        "pymrio's test table (PATH is not read; give .)", "pymrio测试表（不读PATH，写 . 即可）"
    ),
}
OPTIONS = ("year",)
MANY = True
CLOSE = 0.01  # of output: as near as published rows of value added must come

_UNITS = {
    "m.eur": ("m EUR", "EUR"),
    "mill eur": ("m EUR", "EUR"),
    "mill usd": ("m USD", "USD"),
    "million usd": ("m USD", "USD"),
    "million us$": ("m USD", "USD"),
    "us dollars, millions": ("m USD", "USD"),
    "000 usd": ("k USD", "USD"),
    "000 us$": ("k USD", "USD"),
    "us$1000": ("k USD", "USD"),
    "thousand usd": ("k USD", "USD"),
    "000' usd": ("k USD", "USD"),
}


@dataclass(frozen=True, slots=True)
class _Release:
    """What a release is called, where it is from, its licence as stated, and its unit where the file
    says none.
    """

    title: str
    address: str
    licence: str
    unit: str


_RELEASES = {
    "exiobase3": _Release(
        "EXIOBASE 3 (Stadler et al. 2018)",
        "https://doi.org/10.5281/zenodo.3583070",
        "CC BY-SA 4.0; from 3.9 on CC BY-NC-ND",
        "m EUR",
    ),
    "oecd-icio": _Release(
        "OECD Inter-Country Input-Output Tables",
        "https://www.oecd.org/sti/ind/inter-country-input-output-tables.htm",
        "OECD terms and conditions",
        "m USD",
    ),
    "eora26": _Release(
        "Eora26 (Lenzen et al. 2013)",
        "https://worldmrio.com/eora26/",
        "free for academic use, otherwise licensed",
        "k USD",
    ),
    "gloria": _Release(
        "GLORIA (Lenzen et al. 2017, 2022)",
        "https://ielab.info/analyse/gloria",
        "as stated by the IELab",
        "k USD",
    ),
    "pymrio-test": _Release(
        "Test table of pymrio, invented figures",
        "https://github.com/IndEcol/pymrio",
        "GPL-3 package",
        "m EUR",
    ),
}
_FACTORS = re.compile("factor|value.?added|^va$|primary", re.IGNORECASE)
_MONEY = re.compile(
    "value added|compensation|wages|surplus|taxes|tax |subsid|consumption of fixed|rents|mixed "
    "income|^va|tls|profit",
    re.IGNORECASE,
)
# words in a final category, its code and names; the first that fits decides
_FINAL = (
    ("inventor|valuables|invnt|stock", *INVENTORIES),
    ("non-?profit|npish", "npish", Text("Non-profit institutions", "为居民服务的非营利机构消费")),
    ("household|hfce|^hc$|hh", "households", Text("Households", "居民消费")),
    ("government|ggfc|^gc$", "government", Text("Government", "政府消费")),
    ("capital|gfcf|investment", "investment", Text("Fixed investment", "固定资本形成")),
    ("export", "exports", Text("Exports outside the table", "表外出口")),
    ("abroad|dpabr|p33|direct purchases", "abroad", Text("Direct purchases abroad", "境外直接购买")),
)


def read(path: Path, *, source: str, year: int | None = None) -> Table:
    """The table that pymrio finds in `path`."""
    io = _parsed(path, source, year)
    z, y = io.Z, io.Y
    regions, sectors = (
        list(dict.fromkeys(z.index.get_level_values(0))),
        list(dict.fromkeys(z.index.get_level_values(1))),
    )
    at = {name: i for i, name in enumerate(regions)}, {name: i for i, name in enumerate(sectors)}
    node_region = np.array([at[0][r] for r in z.index.get_level_values(0)])
    node_sector = np.array([at[1][s] for s in z.index.get_level_values(1)])
    flows = _sparse(z)
    output = np.asarray(flows.sum(axis=1)).ravel() + np.nan_to_num(y.to_numpy(np.float64)).sum(axis=1)
    unit, currency = _unit(io, source)
    when = year or _year(path, io)
    release = _RELEASES[source]
    short = release.title.split(" (")[0]
    grade = Grade.C if source != "pymrio-test" else Grade.E
    categories, kinds = _categories(y)
    inputs = np.asarray(flows.sum(axis=0)).ravel()
    added, labels, steps = _value_added(io, z.index, output, inputs, source)
    made, findings = _sectors(sectors, source, str(path))
    table = Table(
        file=str(path),
        name=f"{source}-{when}",
        title=Text(
            f"{short} {when}: {counted(len(regions), 'region')}, {counted(len(sectors), 'sector')}",
            f"{short} {when}：{len(regions)} 地区、{len(sectors)} 部门",
        ),
        scope=Text("the world", "全世界"),
        unit=unit,
        currency=currency,
        year=when,
        regions=tuple(region(str(r)) for r in regions),
        sectors=made,
        categories=categories,
        value_added_labels=labels,
        node_region=node_region,
        node_sector=node_sector,
        flows=flows,
        final=_sparse(y),
        final_region=np.array([at[0][r] for r in y.columns.get_level_values(0)]),
        final_category=kinds,
        exports=np.zeros(len(output)),
        output=output,
        value_added=added,
        sources=(
            Source(
                source,
                f"{release.title}, {_version(io)}".rstrip(", "),
                "read with pymrio",
                f"reference year {when}",
                release.address,
                grade,
                f"read in {path.name}",
                release.licence,
            ),
        ),
        grades={"world table": grade},
        history=steps,
        findings=tuple(findings),
    )
    faults = faulty_release(table, source, f"{path.name} {_version(io)}")
    missing = sum(int(np.isnan(np.asarray(d.to_numpy(), np.float64)).sum()) for d in (z, y))
    return replace(table, findings=(*faults, *unknown(str(path), missing, "NaN"), *table.findings))


def _parsed(path: Path, source: str, year: int | None) -> Any:
    """The pymrio object, with Z and Y; whatever its parsers raise becomes one message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pymrio
    except ImportError:
        raise BookError(
            f'source {source} needs pymrio, which is an extra: pip install "ballaststone[tables]"'
        ) from None
    if not path.is_dir():
        check_release(path)
    else:
        for file in sorted(path.iterdir()):
            check_release(file)
    if source != "pymrio-test" and not path.exists():
        raise BookError(f"{path}: there is no such file or folder. Give the release as it was downloaded.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            io = _parse(pymrio, path, source, year)
            if io.Z is None or io.x is None:
                io.calc_system()
    except BookError:
        raise
    except Exception as error:  # pymrio's parsers raise whatever pandas, zipfile or their own code raises
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise BookError(
            f"{path}: pymrio cannot read it as {source} ({type(error).__name__}: {first}). "
            "Give the release as it was downloaded, and its --year where a folder holds several."
        ) from None
    return io


def _parse(pymrio: Any, path: Path, source: str, year: int | None) -> Any:
    if source == "pymrio-test":
        return pymrio.load_test()
    if source == "exiobase3":
        return pymrio.parse_exiobase3(path)
    if source == "oecd-icio":
        return pymrio.parse_oecd(path, year=year)
    if source == "eora26":
        return pymrio.parse_eora26(path, year=year)
    if year is None:
        raise BookError(f"{path}: GLORIA holds several years; say which: --year 2022.")
    version = next(
        (m[1] for f in sorted(path.iterdir()) if (m := re.search(r"ReadMe_0*(\d+a?)", f.name))), "59"
    )
    return pymrio.parse_gloria(path, year=year, version=version)


def _sparse(data: Any) -> Any:
    """A frame as CSC without zeros, a block of columns at a time: the dense copy is never doubled."""
    values = data.to_numpy()
    blocks = [
        sparse.csc_array(np.nan_to_num(np.asarray(values[:, i : i + 512], np.float64)))
        for i in range(0, values.shape[1], 512)
    ]
    return sparse.hstack(blocks, format="csc")


def _unit(io: Any, source: str) -> tuple[str, str]:
    words = "" if getattr(io, "unit", None) is None else str(io.unit.iloc[0, 0]).strip()
    fallback = _RELEASES[source].unit
    if source == "eora26":  # pymrio before 0.7 says million where Eora publishes thousand
        words = ""
    return _UNITS.get(words.casefold(), (fallback, fallback.split()[-1]))


def _version(io: Any) -> str:
    meta = getattr(io, "meta", None)
    return str(getattr(meta, "version", "") or "")


def _year(path: Path, io: Any) -> int:
    """The last year in the path's name, else in what pymrio says of it, else in the names of the files
    inside.
    """
    inside = " ".join(f.name for f in sorted(path.iterdir())) if path.is_dir() else ""
    for text in (path.name, str(getattr(getattr(io, "meta", None), "description", "")), inside):
        if found := years_in(text):
            return found[-1]
    raise BookError(f"{path}: neither its name nor its contents say the year. Say it: --year 2019.")


def _categories(y: Any) -> tuple[tuple[tuple[str, Text], ...], Any]:
    names = list(dict.fromkeys(y.columns.get_level_values(1)))
    kinds: dict[str, tuple[str, Text]] = {}
    for name in names:
        fit = next(
            ((code, text) for words, code, text in _FINAL if re.search(words, str(name).casefold())), None
        )
        code = re.sub(r"\W+", "_", str(name)).strip("_").casefold()
        kinds[name] = fit or (code, Text(str(name), str(name)))
    ordered = list(dict.fromkeys(kinds.values()))
    return tuple(ordered), np.array([ordered.index(kinds[n]) for n in y.columns.get_level_values(1)])


def _value_added(
    io: Any, nodes: Any, output: Floats, inputs: Floats, source: str
) -> tuple[Floats, tuple[tuple[str, Text], ...], tuple[Operation, ...]]:
    published = tuple(as_published((source,)))
    need = output - inputs
    for extension in io.get_extensions(data=True):
        if not _FACTORS.search(str(extension.name)) and source != "exiobase3":
            continue
        if getattr(extension, "F", None) is None:
            continue
        rows = extension.F.reindex(columns=nodes)
        if rows.index.names[0] == "region":  # GLORIA: each factor once a country that receives it
            rows = rows.groupby(level=list(range(1, rows.index.nlevels)), sort=False).sum()
        names = [" ".join(map(str, i)) if isinstance(i, tuple) else str(i) for i in rows.index]
        take = [i for i, n in enumerate(names) if _MONEY.search(n)]
        if not take:
            continue
        values = np.nan_to_num(rows.to_numpy(np.float64)[take])
        if np.abs(values.sum(axis=0) - need).sum() <= CLOSE * output.sum():
            labels = tuple(
                (re.sub(r"\W+", "_", names[i]).strip("_").casefold()[:60], Text(names[i], names[i]))
                for i in take
            )
            return values, labels, published
    text = Text("value added is output less all inputs", "增加值为总产出减全部投入")
    return (
        need[None],
        (("value_added", Text("Value added", "增加值")),),
        (*published, Operation("nodes", text, None, (source,))),
    )


def _sectors(names: list[Any], source: str, where: str) -> tuple[tuple[Sector, ...], list[Finding]]:
    out = []
    for i, raw in enumerate(names):
        name = one_line(str(raw))
        coded = re.fullmatch(r"(C?\d{2}.*|[A-U]\d\d.*)", name) is not None
        like = (
            classes.of_isic(
                name.removeprefix("C") if re.match(r"C\d\d", name) and source == "oecd-icio" else name
            )
            if coded
            else ""
        )
        like = like or classes.of_name(name)
        code = name if len(name) <= 12 and " " not in name else f"{i + 1:03d}"
        out.append(classes.sector(code, Text(name, name), like))
    return tuple(out), classes.findings(out, where)
