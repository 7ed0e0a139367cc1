"""Films, one module for each kind of result: from a run, a fit or a race to a `ravine.view.film.Film`."""

from ravine.view.films.descents import descent
from ravine.view.films.fits import fit
from ravine.view.films.races import race

__all__ = ["descent", "fit", "race"]
