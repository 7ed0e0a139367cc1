"""``ravine models``: all ready formulas, or one of them."""

import json
import sys

import pytest
import typer

from ravine.cli import models as command
from ravine.fitting.ready import models


@pytest.fixture
def said(capsys, monkeypatch):
    """Return a function that runs the command and returns its output."""

    def call(*words):
        app = typer.Typer()
        command.add_to(app)
        monkeypatch.setattr(sys, "argv", ["models", *words])
        app(list(words), standalone_mode=False)
        return capsys.readouterr().out

    return call


def test_all_are_listed_with_their_formulas(said):
    lines = said().splitlines()
    assert len(lines) == len(models)
    assert any("michaelis_menten" in line and "y = top*x/(half + x)" in line for line in lines)


def test_one_tells_its_parameters_and_its_source(said):
    text = said("pseudo-voigt")
    assert "pseudo_voigt" in text
    assert "Lorentzian share" in text
    assert "Wertheim" in text


def test_json_has_everything(said):
    found = json.loads(said("--json"))
    assert {row["name"] for row in found} == set(models)
    assert found[0]["params"] == dict(models["line"].params)
