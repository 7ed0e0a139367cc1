"""Arithmetic: what Keras's optimizers compute in one update, as formulas that are shown and evaluated alike.

Order of operations, place of ε and bias corrections are those of Keras 3. A setting called ``cast_…``
is one that Keras passes through float32 on its way into the update, even in a float64 descent.

References
----------
Keras 3, ``keras/src/optimizers``: https://github.com/keras-team/keras/tree/master/keras/src/optimizers
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Config = Mapping[str, Any]

#: Settings that keep a gradient from being too long; at most one of them is given.
CLIPPED = ("clipnorm", "global_clipnorm", "clipvalue")


@dataclass(frozen=True)
class Line:
    """One line of an update.

    Parameters
    ----------
    symbol
        What it computes: a name of its own, ``g`` (the gradient) or ``theta`` (the parameters).
    text
        The formula, over symbols of earlier lines, the state and the settings.
    en, zh
        What it means.
    keeps
        Keras's name of the variable that holds it until the next update; empty if nothing does.
    """

    symbol: str
    text: str
    en: str
    zh: str
    keeps: str = ""


# -- the rules, one function an optimizer -------------------------------------------------------------------------


def _sgd(config: Config) -> tuple[Line, ...]:
    if not config.get("momentum"):
        return (Line("theta", "theta - g*alpha", "downhill", "往下坡走"),)
    velocity = Line(
        "m", "m*cast_momentum - g*alpha", "velocity: keeps rolling, pushed downhill", "速度：保留惯性，再往下坡推一把",
        "momentum",
    )  # fmt: skip
    if config.get("nesterov"):
        ahead = Line(
            "theta", "theta + (m*cast_momentum - g*alpha)", "one roll further (Nesterov)", "再往前滚一步（Nesterov）"
        )
        return velocity, ahead
    return velocity, Line("theta", "theta + m", "moves with the velocity", "按速度移动")


def _rmsprop(config: Config) -> tuple[Line, ...]:
    lines = [
        Line("v", "rho*v + (1 - rho)*g**2", "running mean of the squared gradient", "梯度平方的滑动平均", "velocity")
    ]
    variance = "v"
    if config.get("centered"):
        lines.append(
            Line("mean", "rho*mean + (1 - rho)*g", "running mean of the gradient", "梯度的滑动平均", "average_gradient")
        )
        variance = "v - mean**2"
    lines.append(
        Line("moved", f"alpha*g/sqrt({variance} + epsilon)", "gradient by its usual size", "梯度除以它平时的大小")
    )
    if config.get("momentum"):
        lines.append(Line("push", "momentum*push + moved", "velocity: keeps rolling", "速度：保留惯性", "momentum"))
        return (*lines, Line("theta", "theta - push", "moves with the velocity", "按速度移动"))
    return (*lines, Line("theta", "theta - moved", "downhill", "往下坡走"))


def _adagrad(config: Config) -> tuple[Line, ...]:
    return (
        Line("v", "v + g**2", "sum of all squared gradients", "所有梯度平方之和", "accumulator"),
        Line("theta", "theta - alpha*g/sqrt(v + epsilon)", "downhill, shorter and shorter", "往下坡走，步子越来越短"),
    )


def _adadelta(config: Config) -> tuple[Line, ...]:
    return (
        Line(
            "squares", "rho*squares + (1 - rho)*g**2", "running mean of the squared gradient", "梯度平方的滑动平均",
            "accumulated_grad",
        ),
        Line(
            "moved", "-(sqrt(moves + epsilon)*g/sqrt(squares + epsilon))", "a move of the usual size, downhill",
            "按平时步长往下坡走的一步",
        ),
        Line(
            "moves", "rho*moves + (1 - rho)*moved**2", "running mean of the squared moves", "步长平方的滑动平均",
            "accumulated_delta_var",
        ),
        Line("theta", "theta + alpha*moved", "moves", "移动"),
    )  # fmt: skip


_FIRST = Line(
    "m", "m + (g - m)*(1 - beta_1)", "first moment: running mean of the gradient", "一阶矩：梯度的滑动平均", "momentum"
)
_SECOND = Line(
    "v", "v + (g**2 - v)*(1 - beta_2)", "second moment: running mean of g²", "二阶矩：梯度平方的滑动平均", "velocity"
)


def _adam(config: Config) -> tuple[Line, ...]:
    corrected = Line(
        "alpha_t", "alpha*sqrt(1 - cast_beta_2**t)/(1 - cast_beta_1**t)", "effective rate: both bias corrections",
        "有效学习率：含两处偏差修正",
    )  # fmt: skip
    down = "moves by the mean over the usual size"
    if config.get("amsgrad"):
        largest = Line(
            "v_max",
            "maximum(v_max, v)",
            "largest second moment so far (AMSGrad)",
            "迄今最大的二阶矩（AMSGrad）",
            "velocity_hat",
        )
        last = Line("theta", "theta - m*alpha_t/(sqrt(v_max) + epsilon)", down, "用均值除以平时的大小来移动")
        return corrected, _FIRST, _SECOND, largest, last
    last = Line("theta", "theta - m*alpha_t/(sqrt(v) + epsilon)", down, "用均值除以平时的大小来移动")
    return corrected, _FIRST, _SECOND, last


def _nadam(config: Config) -> tuple[Line, ...]:
    return (
        Line("U", "U*beta_1*(1 - 0.5*0.96**t)", "product of all u so far", "到此为止所有 u 的乘积", "u_product"),
        Line("u", "cast_beta_1*(1 - 0.5*cast_decay**t)", "momentum of this step", "这一步的动量系数"),
        Line("u_next", "cast_beta_1*(1 - 0.5*cast_decay**(t + 1))", "momentum of the next step", "下一步的动量系数"),
        Line("U_next", "U*u_next", "the product one step on", "再往后一步的乘积"),
        Line("m", "m + (g - m)*(1 - cast_beta_1)", _FIRST.en, _FIRST.zh, "momentum"),
        Line("v", "v + (g**2 - v)*(1 - cast_beta_2)", _SECOND.en, _SECOND.zh, "velocity"),
        Line(
            "m_hat",
            "u_next*m/(1 - U_next) + (1 - u)*g/(1 - U)",
            "the mean one step ahead (Nesterov)",
            "提前一步的均值（Nesterov）",
        ),
        Line("v_hat", "v/(1 - cast_beta_2**t)", "second moment, bias corrected", "修正偏差后的二阶矩"),
        Line(
            "theta",
            "theta - m_hat*alpha/(sqrt(v_hat) + epsilon)",
            "moves by the mean over the usual size",
            "用均值除以平时的大小来移动",
        ),
    )


def _adamax(config: Config) -> tuple[Line, ...]:
    return (
        _FIRST,
        Line(
            "largest", "maximum(beta_2*largest, abs(g))", "largest gradient, slowly forgotten", "最大的梯度，慢慢遗忘",
            "norm",
        ),
        Line(
            "theta", "theta - alpha*m/((1 - cast_beta_1**t)*(largest + epsilon))",
            "moves by the bias-corrected mean over it", "用修正偏差后的均值除以它来移动",
        ),
    )  # fmt: skip


def _lion(config: Config) -> tuple[Line, ...]:
    return (
        Line("c", "m*cast_beta_1 + g*(1 - cast_beta_1)", "momentum and gradient vote", "动量和梯度一起表决"),
        Line("theta", "theta - alpha*sign(c)", "one learning rate against the sign", "按符号的反方向走一个学习率"),
        Line("m", "m*cast_beta_2 + g*(1 - cast_beta_2)", "running mean of the gradient", "梯度的滑动平均", "momentum"),
    )


_RULES: dict[str, Callable[[Config], tuple[Line, ...]]] = {
    "SGD": _sgd,
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
    "Adadelta": _adadelta,
    "Adam": _adam,
    "AdamW": _adam,
    "Nadam": _nadam,
    "Adamax": _adamax,
    "Lion": _lion,
}


def is_known(kind: str) -> bool:
    """Whether the arithmetic of this class of Keras optimizers is written out here."""
    return kind in _RULES


def rule(kind: str, config: Config) -> tuple[Line, ...]:
    """Return the lines of an optimizer's own update."""
    return _RULES[kind](config)


# -- what Keras does around every rule ----------------------------------------------------------------------------


def before(config: Config) -> list[Line]:
    """Return what happens to the gradient and the weights before the rule."""
    lines = []
    if config.get("clipnorm"):
        lines.append(Line("g", "g*c/maximum(norm, c)", "no longer than c (clipnorm)", "长度不超过 c（clipnorm）"))
    elif config.get("global_clipnorm"):
        text = "g*(c*minimum(1/all_norm, 1/c))"
        lines.append(
            Line("g", text, "no longer than c, all together (global_clipnorm)", "总长度不超过 c（global_clipnorm）")
        )
    elif config.get("clipvalue"):
        lines.append(
            Line("g", "clip(g, -c, c)", "kept between −c and c (clipvalue)", "限制在 −c 和 c 之间（clipvalue）")
        )
    if config.get("weight_decay") is not None:
        lines.append(
            Line("theta", "theta - theta*cast_weight_decay*alpha", "weight decay: towards 0", "权重衰减：往 0 收缩")
        )
    return lines


def after(config: Config, iterations: int, *, bounded: bool) -> list[Line]:
    """Return what happens to the weights after the rule."""
    lines = []
    if config.get("use_ema"):
        lines.append(
            Line("average", "ema*average + (1 - ema)*theta", "running mean of the weights", "权重的滑动平均", "average")
        )
        every = config.get("ema_overwrite_frequency")
        if every and (iterations + 1) % every == 0:
            lines.append(Line("theta", "average", "overwritten by the mean", "用平均值覆盖"))
    if bounded:
        lines.append(Line("theta", "clip(theta, low, high)", "back between the bounds", "拉回到边界之内"))
    return lines
