"""Tables: whatever the user has, as named columns of numbers.

>>> from ravine.table import read_table
>>> table = read_table({"time (s)": [0, 1, 2], "y": [1.0, 0.5, 0.25]})
>>> table["time"]
array([0., 1., 2.])
"""

from ravine.table.reading import read_table
from ravine.table.table import Table

__all__ = ["Table", "read_table"]
