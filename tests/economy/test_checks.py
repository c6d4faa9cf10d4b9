"""Every way an economy can fail to hold together is found, placed and sized."""

from dataclasses import replace

import numpy as np
import pytest

from ballast.economy.book import load
from ballast.economy.checks import check
from ballast.economy.economy import Economy
from ballast.errors import BookError


@pytest.fixture(scope="module")
def teaching() -> Economy:
    return load("teaching")


def changed(array: np.ndarray, where: int, value: float) -> np.ndarray:
    out = np.array(array, float)
    out[where] = value
    return out


def errors(economy: Economy) -> list[str]:
    return [str(f) for f in check(economy) if f.level == "error"]


def test_the_teaching_book_is_clean(teaching: Economy) -> None:
    assert check(teaching, strict=True) == []


def test_row_and_column_imbalance_are_sized(teaching: Economy) -> None:
    # N.materials makes 40; with 44 its row sells 4 too little and its column costs 4 too little
    found = check(replace(teaching, output=changed(teaching.output, 0, 44.0)))
    assert [f.where.split(" (")[0] for f in found] == [
        "row of node N.materials",
        "column of node N.materials",
    ]
    assert [f.residual for f in found] == pytest.approx([-4.0, -4.0])
    assert "北方·材料" in found[0].where


def test_rounding_is_tolerated(teaching: Economy) -> None:
    assert check(replace(teaching, output=teaching.output * (1 + 1e-9))) == []
    assert check(replace(teaching, output=teaching.output * (1 + 1e-4)), tolerance=1e-3) == []


def test_not_a_number_is_the_only_complaint(teaching: Economy) -> None:
    broken = errors(replace(teaching, slot_domestic=changed(teaching.slot_domestic, 3, np.nan)))
    assert len(broken) == 1
    assert "slot 3" in broken[0]
    assert "nan" in broken[0]


def test_infinite_value_added_is_named(teaching: Economy) -> None:
    added = np.array(teaching.value_added)
    added[1, 2] = np.inf
    assert "value added surplus" in errors(replace(teaching, value_added=added))[0]


def test_negative_flows(teaching: Economy) -> None:
    assert any(
        "exports" in e and "negative" in e
        for e in errors(replace(teaching, exports=changed(teaching.exports, 0, -1.0)))
    )
    assert any(
        "slot_imports" in e
        for e in errors(replace(teaching, slot_imports=changed(teaching.slot_imports, 0, -1)))
    )


def test_negative_value_added(teaching: Economy) -> None:
    added = np.array(teaching.value_added)
    added[:, 0] = -5.0
    found = check(replace(teaching, value_added=added))
    assert [f.level for f in found if "inputs cost more than output" in f.what] == ["warning"]


def test_inventories_may_fall_and_other_final_use_may_not(teaching: Economy) -> None:
    category = [c for c, _ in teaching.categories].index("inventories")
    line = int(np.flatnonzero(teaching.final_category == category)[0])
    drawn = check(replace(teaching, final_domestic=changed(teaching.final_domestic, line, -1.0)))
    assert [f.level for f in drawn if "drawn down" in f.what] == ["note"]
    wrong = check(replace(teaching, final_domestic=changed(teaching.final_domestic, 0, -1.0)))
    assert any(f.level == "error" and "final use is negative" in f.what for f in wrong)


def test_zero_output_is_a_warning(teaching: Economy) -> None:
    found = check(replace(teaching, output=changed(teaching.output, 0, 0.0)))
    assert any(f.level == "warning" and "output is zero" in f.what for f in found)


def test_shares_that_do_not_sum_to_one(teaching: Economy) -> None:
    found = errors(replace(teaching, market_share=changed(teaching.market_share, 0, 0.9)))
    assert any("market 0 (materials bought in N)" in e and "sums to" in e for e in found)


def test_alternative_shares_must_sell_the_same(teaching: Economy) -> None:
    low = np.array(teaching.market_share)
    low[:3] = [1.0, 0.0, 0.0]  # North buys all its materials at home: sums to 1, margins broken
    found = errors(replace(teaching, share_low=low))
    assert found
    assert all(e.startswith("share_low") for e in found)


def test_a_market_sells_the_product_it_is_asked_for(teaching: Economy) -> None:
    market = np.array(teaching.slot_market)
    market[0] = 3  # parts bought in N
    assert any("another product" in e for e in errors(replace(teaching, slot_market=market)))


def test_an_empty_market_cannot_sell(teaching: Economy) -> None:
    last = teaching.market_ptr[-1]
    empty = replace(
        teaching,
        market_ptr=np.append(teaching.market_ptr, last),
        slot_market=np.append(12, teaching.slot_market[1:]),
    )
    assert any("nobody sells" in e for e in errors(empty))


def test_strict_names_every_error_at_once(teaching: Economy) -> None:
    broken = replace(teaching, output=teaching.output * 1.5)
    with pytest.raises(BookError, match=r"(?s)book teaching.*row of node N\.materials.*and 4 more"):
        check(broken, strict=True)
