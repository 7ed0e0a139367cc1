"""Formulas in prose: what is one, and what is left alone."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravine.gallery.mathematics import marked, typeset

PROSE = st.text("ab xyfλ∂²₁·*/=−+-(),.0123√<>&一", max_size=40)


def _formulas(text):
    return [re.sub(r"<[^>]+>", "", found) for found in re.findall(r"<math>(.*?)</math>", marked(text))]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("so y = x² at x = 3, and a and b", ["y=x2", "x=3"]),
        ("θ ← θ − α·∇f(θ), where θ are the parameters (a and b)", ["θ←θ−α·∇f(θ)", "θ"]),
        ("its length is √(4² + 6²) = 7.211.", ["√(42+62)=7.211"]),
        ("at (a, b) = (2, 1), a 5 × 5 grid", ["(a,b)=(2,1)", "5×5"]),
        ("∂²y/∂x∂w, σ′ = σ − σ²", ["∂2y/∂x∂w", "σ′=σ−σ2"]),
        ("在 x = 0 处，∂y/∂x = 2·x，所以", ["x=0", "∂y/∂x=2·x"]),
        ("2·error/n, with n points", ["2·error/n"]),
        ("from (5, 4) to (−2, 4.5): −94 of 297, 8e−13 left, 12%", []),
        ("I am a man - x; read and/or write, w.numpy() reads", []),
        ("(see f = 1) and (p − y", ["f=1", "p−y"]),
    ],
)
def test_formulas_are_found_and_prose_is_left_alone(text, formulas):
    assert _formulas(text) == formulas


def test_what_is_meant_to_be_typed_stays_as_it_is():
    assert marked("Python writes a**2 + 3*b**2 for it") == "Python writes <code>a**2 + 3*b**2</code> for it"
    assert _formulas("fit y = a*x**3 first") == ["y=a·x3"]


def test_powers_and_indices_are_raised_and_lowered():
    assert "<msup><mi>x</mi><mn>3</mn></msup>" in typeset("y = a*x**3")
    assert "<msub><mi>w</mi><mn>0</mn></msub>" in typeset("y = w0*one")
    assert "<msup><mi>e</mi><mrow><mo>−</mo><mi>x</mi></mrow></msup>" in marked("e⁻ˣ")


@given(PROSE)
def test_every_text_becomes_a_whole_piece_of_html_that_says_the_same(text):
    shown = "".join(ElementTree.fromstring(f"<p>{marked(text)}</p>").itertext())
    same = str.maketrans({"²": "2", "₁": "1", "*": None, "·": None, " ": None, "-": "−", "√": None})
    assert shown.translate(same) == text.translate(same)
