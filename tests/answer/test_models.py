"""The answer under a published model: its own evidence, no roads, no goods from nowhere, and it says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ballast import report
from ballast.answer import predict, respond
from ballast.errors import InputError
from ballast.propagate import published
from ballast.propagate.published.reference import MODELS
from ballast.propagate.simulate import simulate
from ballast.propagate.step.interventions import Intervention
from ballast.response import Response

from .conftest import DECISION, DRAWS, Asked


@pytest.fixture(scope="module", params=MODELS)
def answered(request: pytest.FixtureRequest, asked: Asked) -> tuple[str, Response]:
    name = request.param
    return name, respond(asked.scenario, book=asked.economy, draws=DRAWS, relief=2, model=name)


def test_the_answer_says_which_model_and_what_it_cannot_see(answered: tuple[str, Response]) -> None:
    name, found = answered
    assert found.settings["model"] == name
    said = " ".join(n.en for n in found.notes)
    assert published.PAPERS[name][0].en in said
    assert "cannot see closed roads" in said
    assert all(n.zh for n in found.notes)


def test_the_path_is_that_of_the_model(asked: Asked, answered: tuple[str, Response]) -> None:
    name, found = answered
    run = simulate(asked.economy, asked.scenario, model=name)
    va = np.where(asked.economy.is_industry, asked.economy.total_value_added, 0.0)
    # the ensemble keeps its summaries in float32
    np.testing.assert_allclose(found.path.mid, 100 * run.level @ va / va.sum(), rtol=1e-6)


def test_the_plan_is_a_run_with_its_places_helped(asked: Asked, answered: tuple[str, Response]) -> None:
    name, found = answered
    plan = [Intervention.on("node", [p.node for p in found.relief.picks], DECISION)]
    better = simulate(asked.economy, asked.scenario, model=name, plan=plan)
    nothing = simulate(asked.economy, asked.scenario, model=name)
    assert found.relief.picks[-1].cumulative == pytest.approx(nothing.lost - better.lost, rel=1e-9)
    assert found.relief.picks[-1].cumulative > 0


def test_no_blockage_needs_what_the_model_has_not(answered: tuple[str, Response]) -> None:
    kinds = {b.kind for b in answered[1].blockages}
    assert kinds
    assert kinds <= {"place", "imports", "port"}


def test_the_evidence_is_the_model_s(answered: tuple[str, Response]) -> None:
    name, found = answered
    rows = [x for x in found.evidence if x.group.en == "Model parameters"]
    own = [x for x in rows if x.source == published.PAPERS[name][1]]
    assert [(x.name, x.value) for x in own] == [
        (words, f"{value:g}") for words, value, _ in published.facts(MODELS[name])
    ]
    others = len(rows) - len(own)
    assert others == (4 if name == "pichler" else 1)  # the trade pattern, and what rates inputs


def test_the_files_carry_the_notes(answered: tuple[str, Response], tmp_path: Path) -> None:
    name, found = answered
    report.write(found, tmp_path, "both")
    data = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert [n["en"] for n in data["notes"]] == [n.en for n in found.notes]
    assert data["settings"]["model"] == name
    page = (tmp_path / "report.html").read_text("utf-8")
    assert all(n.en in page and n.zh in page for n in found.notes)
    summary = " ".join(report.summary(found, "en").split())
    assert all(n.en in summary for n in found.notes)
    assert "passes for goods" not in summary


def test_predict_takes_a_model(asked: Asked) -> None:
    one, other = (
        predict(asked.scenario, book=asked.economy, draws=2, model=m) for m in ("ario", "default")
    )
    assert list(one.columns) == list(other.columns)
    assert not one.deviation_pct.equals(other.deviation_pct)


def test_several_wrong_numbers_are_said_at_once() -> None:
    with pytest.raises(InputError) as found:
        respond("vehicle-parts", draws=1, relief=-1, model="boario")
    assert [line.split(":")[0] for line in str(found.value).splitlines()] == [
        "draws", "relief", "model boario",
    ]  # fmt: skip


def test_orders_that_amplify_are_said(asked: Asked) -> None:
    found = respond(asked.scenario, book=asked.economy, draws=2, relief=0, model="inoue-todo")
    heads = found.headlines.amplifies
    assert heads is not None
    assert set(found.headlines.document()["amplifies"]) == {"kind", "sign", "ratio", "day"}
    said = any("Orders amplify" in n.en or "does not fade" in n.en for n in found.notes)
    assert said == (heads.kind == "amplifies")
