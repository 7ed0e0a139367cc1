"""Derivatives: values and slopes of formulas at points, found in three ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ravine.errors import ProblemError
from ravine.formula.calculus import Expression
from ravine.notes import Note

FORMATS = ("text", "html", "json")


@dataclass(frozen=True, eq=False)
class Derivative:
    """One partial derivative of one output.

    Parameters
    ----------
    output
        Index of the output.
    path
        With respect to what: a name for each order, ``("x", "x")`` for the second derivative.
    automatic
        By automatic differentiation, [point].
    symbolic
        By the formula that SymPy derived, [point]; None where there is none.
    differences, error
        From values alone, and an estimate of how far that is off, [point].
    expression
        The derivative in symbols; None for a callable that is no formula.
    """

    output: int
    path: tuple[str, ...]
    automatic: np.ndarray
    symbolic: np.ndarray | None
    differences: np.ndarray
    error: np.ndarray
    expression: Expression | None


@dataclass(frozen=True, eq=False)
class Curve:
    """A function of one variable and its derivatives, between the points too.

    Parameters
    ----------
    x
        [grid].
    values
        [order, output, grid]; order 0 is the function itself.
    """

    x: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of one or several outputs.

    Parameters
    ----------
    formulas
        Text of each output.
    names
        With respect to what.
    at
        Where: every name's values, [point].
    order
        The highest order.
    values
        Of the outputs, [output, point].
    parts
        One derivative for each output and path; of a Hessian one half.
    curve
        For one variable over a range, else None.
    notes
        Corners, jumps and ends of the domain that were met.
    """

    formulas: tuple[str, ...]
    names: tuple[str, ...]
    at: Mapping[str, np.ndarray]
    order: int
    values: np.ndarray
    parts: tuple[Derivative, ...]
    curve: Curve | None
    notes: tuple[Note, ...]

    def of(self, *path: str, output: int = 0) -> Derivative:
        """Return one derivative: ``of("x")``, ``of("x", "x")``, ``of("a", "b")`` in any order of the names.

        Raises
        ------
        ProblemError
            If it wasn't computed.
        """
        for part in self.parts:
            if part.output == output and sorted(part.path) == sorted(path):
                return part
        known = ", ".join(" ".join(part.path) for part in self.parts if part.output == output)
        raise ProblemError(
            f"Derivatives.of: expected one of {known or 'no output of that number'}, got {' '.join(path)!r}."
        )

    @property
    def points(self) -> int:
        """Number of points."""
        return self.values.shape[1]

    @property
    def jacobian(self) -> np.ndarray:
        """First derivatives by automatic differentiation, [point, output, variable]."""
        return self._matrix(lambda output, name: self.of(name, output=output), range(len(self.values)))

    @property
    def gradient(self) -> np.ndarray:
        """First derivatives of the first output, [point, variable]."""
        return self.jacobian[:, 0]

    @property
    def hessian(self) -> np.ndarray:
        """Second derivatives of the first output, [point, variable, variable].

        Raises
        ------
        ProblemError
            If only first derivatives were computed.
        """
        return self._matrix(self.of, self.names)

    def _matrix(self, part: Any, rows: Any) -> np.ndarray:
        found = [[part(row, name).automatic for name in self.names] for row in rows]
        return np.moveaxis(np.array(found), 2, 0)

    def report(self, format: str = "text", width: int = 80) -> str:
        """Return values and derivatives in tables.

        Parameters
        ----------
        format
            ``"text"``, ``"html"`` (a page of its own) or ``"json"``.
        width
            Of the text, in columns.

        Raises
        ------
        ProblemError
            If the format is another one.
        """
        from ravine import document, slopes

        match format:
            case "text":
                return document.to_text(slopes.title(self), slopes.parts(self), width)
            case "html":
                return document.to_html(slopes.title(self), slopes.parts(self))
            case "json":
                return json.dumps(slopes.describe(self), allow_nan=False, indent=2, ensure_ascii=False)
        raise ProblemError(f"Derivatives.report: expected a format among {', '.join(FORMATS)}, got {format!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, None where there is no number."""
        from ravine import slopes

        return slopes.describe(self)

    def __repr__(self) -> str:
        return self.report()

    def _repr_html_(self) -> str:
        from ravine import document, slopes

        return document.to_fragment(slopes.title(self), slopes.parts(self))
