"""Where every row of a long table comes from and goes to.

Ends       regions, sectors and final uses of the table, and which of them each row is about
ends       the ends of a list of flows
index      codes of the labels that are used
positions  where labels stand among others
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ballast.economy.readers.flows import Flows
from ballast.errors import BookError
from ballast.text import counted


@dataclass(frozen=True, eq=False)
class Ends:
    """Where every row of the list comes from and goes to: regions R, sectors K, final categories F."""

    regions: list[str]
    sectors: list[str]
    finals: list[str]
    kind: NDArray[np.int8]  # [rows] 0 made here, 1 imports, 2 value added
    abroad: NDArray[np.bool_]  # [rows] goes to exports
    to_final: NDArray[np.bool_]  # [rows] goes to a final category
    product: NDArray[np.int32]  # [rows]
    seller: NDArray[np.int64]  # [rows] of R K
    buyer: NDArray[np.int64]  # [rows] of R K, where it goes to a sector
    column: NDArray[np.int64]  # [rows] of R F, where it goes to a final category


def ends(f: Flows, path: Path) -> Ends:
    special = f.meant.imports | f.meant.added
    _ask_about_va(f, path)
    regions = [name for name in f.labels["from_region"] if name not in special]
    kinds = [1 if w in f.meant.imports else 2 if w in f.meant.added else 0 for w in f.labels["from_region"]]
    kind = np.array(kinds, np.int8)[f.at["from_region"]]
    product_of, sectors = index(f.labels["from_sector"], f.at["from_sector"][kind != 2])
    sector_of = positions(f.labels["to_sector"], sectors)
    exported = {
        role: np.array([w in f.meant.exports for w in f.labels[role]])
        for role in ("to_sector", "to_region")
    }
    abroad = exported["to_sector"][f.at["to_sector"]] | exported["to_region"][f.at["to_region"]]
    to_region = positions(f.labels["to_region"], regions)[f.at["to_region"]].astype(np.int64)
    to_sector = sector_of[f.at["to_sector"]]
    nowhere = np.flatnonzero((kind == 2) & (abroad | (to_sector < 0)))
    if len(nowhere):
        word = f.labels["to_sector"][f.at["to_sector"][nowhere[0]]]
        raise BookError(
            f"{path}, row {f.lines(nowhere[0])}: value added goes to {word!r}, which is no sector "
            f"({counted(len(nowhere), 'row')}). Name the sector that pays it."
        )
    lost = np.flatnonzero((to_region < 0) & ~abroad)
    if len(lost):
        name = f.labels["to_region"][f.at["to_region"][lost[0]]]
        raise BookError(
            f"{path}, row {f.lines(lost[0])}: buyer region {name!r} sells nothing anywhere in the table "
            f"({counted(len(lost), 'row')}). Give its rows, or call it exports."
        )
    words = zip(f.labels["to_sector"], sector_of.tolist(), exported["to_sector"].tolist(), strict=True)
    finals = [w for w, sector, out in words if sector < 0 and not out]
    product = product_of[f.at["from_sector"]]
    from_region = positions(f.labels["from_region"], regions)[f.at["from_region"]].astype(np.int64)
    return Ends(
        regions,
        sectors,
        finals,
        kind,
        abroad,
        to_sector < 0,
        product,
        seller=from_region * len(sectors) + product,
        buyer=to_region * len(sectors) + to_sector,
        column=to_region * len(finals) + positions(f.labels["to_sector"], finals)[f.at["to_sector"]],
    )


def _ask_about_va(f: Flows, path: Path) -> None:
    """VA is a state where it buys; where it only pays, it may be value added."""
    at = next((i for i, w in enumerate(f.labels["from_region"]) if w.casefold() == "va"), -1)
    word = f.labels["from_region"][at] if at >= 0 else ""
    if word and word not in f.labels["to_region"]:
        row = f.lines(int(np.argmax(f.at["from_region"] == at)))
        raise BookError(
            f"{path}, row {row}: {word!r} sells and buys nothing: a region, or value added? "
            "Write value_added, or give the region's purchases."
        )


def index(labels: list[str], used: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[str]]:
    """Codes of the labels that are used, -1 for the others."""
    seen = np.bincount(used, minlength=len(labels)) > 0
    kept = [w for w, s in zip(labels, seen, strict=True) if s]
    return positions(labels, kept), kept


def positions(labels: list[str], wanted: list[str]) -> NDArray[np.int32]:
    where = {w: i for i, w in enumerate(wanted)}
    return np.array([where.get(w, -1) for w in labels], np.int32)
