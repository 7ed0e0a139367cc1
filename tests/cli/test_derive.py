"""ravine derive."""

import json

import pytest


def test_the_example_of_the_manual(ravine, folder):
    said = ravine("derive", "sigmoid(x)", "--at", "x=-10:10:10", "--order", "2", "--out", "sigmoid.png")
    assert (said.code, said.err) == (0, "Written: sigmoid.png\n")
    assert "f′ = exp(-x)/(1 + exp(-x))**2" in said.out and "f″, three ways" in said.out
    assert (folder / "sigmoid.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_one_object(ravine):
    words = ["derive", "w*x**2 + w*b", "--at", "w=1,b=2", "--at", "x=3", "--order", "2", "--json"]
    found = json.loads(ravine(*words).out)
    by_path = {" ".join(part["with_respect_to"]): part["automatic"] for part in found["derivatives"]}
    assert by_path["x"] == [6] and by_path["b"] == [1] and by_path["x x"] == [2]
    assert found["files"] == []


def test_several_formulas_make_a_jacobian(ravine, folder):
    said = ravine("derive", "a*b", "a + b", "--at", "a=2,b=3", "--out", "j.png", "--html", "j.html")
    assert "Jacobian" in said.out
    assert (folder / "j.png").exists() and "<math " in (folder / "j.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["x", "--at", "x"], "name=value"),
        (["x", "--at", "y=1"], "'y' is no name"),
        (["x", "--at", "x=a"], "low:high:count"),
        (["x", "--at", "x=1", "--order", "9"], "from 1 to 8"),
        (["x", "--at", "x=1", "--with-respect-to", "y"], "got 'y'"),
        (["x", "--at", "x=1", "--out", "a.bmp"], ".svg"),
    ],
)
def test_what_cannot_be_derived_is_refused(refused, words, hint):
    assert hint in refused("derive", *words)
