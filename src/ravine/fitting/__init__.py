"""Fitting: from a formula and a table to an answer that people can rely on.

`answer` is the door (`ravine.fit`); `drop_in` is SciPy's (`ravine.curve_fit`).
"""
