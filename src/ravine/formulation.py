"""Formulation: what is made small and its gradient, as equations in English or Chinese."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from ravine.chain import Chain
from ravine.document import Equation, Paragraph, Part
from ravine.formula.calculus import Expression
from ravine.problem import Problem


def made_small(problem: Problem, symbols: Chain | str, language: str, batch: int | None = None) -> Iterator[Part]:
    """Tell the model and the loss.

    Parameters
    ----------
    problem
        What is made small.
    symbols
        From `ravine.chain.chain`.
    language
        ``en`` or ``zh``.
    batch
        How many points an update sees, None for all.
    """
    model = symbols.model.mathml if isinstance(symbols, Chain) else ""
    left = response(problem)
    text = problem.model.text.partition(" = ")[2] if problem.has_data and " = " in problem.title else problem.title
    remark = _say(language, "the model", "模型") if problem.has_data else ""
    yield Equation(f"{left} = {text}", _named(left, model), remark)
    if problem.has_data:
        yield from _loss(problem, language, batch)


def response(problem: Problem) -> str:
    """Return what stands for the value of the formula."""
    return "ŷ" if problem.has_data else "f"


def _loss(problem: Problem, language: str, batch: int | None) -> Iterator[Part]:
    loss = problem.loss
    count = problem.points if batch is None else batch
    if loss.takes_sigma:
        label = problem.response_label
        r = f"r = ŷ − {label}" if problem.sigma is None else f"r = (ŷ − {label})/σ"
        yield Equation(r, remark=_say(language, "the error at a point", "每个点的误差"))
    equation = f"L = {loss.equation}" if loss.keras is None else f"L = {loss.name}(y, ŷ)"
    points = _say(language, f"the loss, {loss.name}, n = {count}", f"损失（{loss.name}），n = {count}")
    yield Equation(equation, remark=points)
    if batch is not None:
        said = _say(
            language,
            f"This update saw a mini-batch: {count} of {problem.points} points.",
            f"这次更新只看了一个小批量：{problem.points} 个点中的 {count} 个。",
        )
        yield Paragraph(said)


def gradient(problem: Problem, symbols: Chain | str, language: str, shown: Iterable[int]) -> Iterator[Part]:
    """Tell the gradient in symbols, by those parameters whose indices are given; or why it has none."""
    if isinstance(symbols, str):
        yield Paragraph(_say(language, f"In symbols it can't be written: {symbols}", f"梯度无法写成公式：{symbols}"))
        return
    with_data, left, names = symbols.outer is not None, response(problem), [problem.names[index] for index in shown]
    if symbols.outer is not None:
        by = {"r": "r", "p": "ŷ"}[symbols.symbol]
        remark = _say(language, "at one point", "对一个点")
        yield Equation(f"∂L/∂{by}: {readable(symbols.outer)}", remark=remark)
    for name in names if with_data else ():
        inner = symbols.inner[name]
        yield Equation(f"∂{left}/∂{name} = {inner.shown}", _derivative(left, name, inner))
    for name in names:
        product = symbols.whole[name]
        if not with_data:
            yield Equation(f"∂f/∂{name} = {product.shown}", _derivative("f", name, product))
        else:
            over = "/n" if symbols.over == "mean" else ""
            yield Equation(f"∂L/∂{name} = Σ({readable(product)}){over}", _sum(name, product, symbols.over))


def readable(expression: Expression) -> str:
    """Return an expression as people read it."""
    return expression.shown.replace("sigma_y", "σ")


def _say(language: str, en: str, zh: str) -> str:
    return zh if language == "zh" else en


def _derivative(left: str, name: str, expression: Expression) -> str:
    if not _is_drawn(expression):
        return ""
    return f"<mrow>{_partial(left, name)}<mo>=</mo>{expression.mathml}</mrow>"


def _sum(name: str, product: Expression, over: str) -> str:
    if not _is_drawn(product):
        return ""
    share = "<mfrac><mn>1</mn><mi>n</mi></mfrac>" if over == "mean" else ""
    inner = product.mathml.replace("<msub><mi>&#963;</mi><mi>y</mi></msub>", "<mi>σ</mi>")
    return f"<mrow>{_partial('L', name)}<mo>=</mo>{share}<mo>∑</mo>{inner}</mrow>"


def _is_drawn(expression: Expression) -> bool:
    return expression.is_known and not expression.shown.startswith("(")


def _partial(top: str, bottom: str) -> str:
    above, below = (f"<mrow><mo>∂</mo><mi>{html.escape(name)}</mi></mrow>" for name in (top, bottom))
    return f"<mfrac>{above}{below}</mfrac>"


def _named(left: str, mathml: str) -> str:
    return f"<mrow><mi>{left}</mi><mo>=</mo>{mathml}</mrow>" if mathml else ""
