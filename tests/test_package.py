"""The root package: what is public, and that it stays light."""

import json
import pkgutil
import subprocess
import sys
from importlib import import_module, metadata

import pytest

import ravine

_HEAVY = {"tensorflow", "keras", "matplotlib", "pandas", "scipy", "xarray"}


def _loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules it imported."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_public_names_are_sorted_and_unique():
    assert ravine.__all__ == sorted(set(ravine.__all__))


@pytest.mark.parametrize("name", ravine.__all__)
def test_public_name_resolves_and_is_listed(name):
    assert getattr(ravine, name) is not None
    assert name in dir(ravine)


def test_no_module_bears_the_name_of_a_public_function():
    modules = {module.name for module in pkgutil.iter_modules(ravine.__path__)}
    assert modules.isdisjoint(ravine.__all__)


def test_plots_is_the_module_of_plots():
    assert ravine.plots is import_module("ravine.view.plots")


def test_version_is_that_of_the_installed_package():
    assert ravine.__version__ == metadata.version("ravine")


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(AttributeError, match=r"no attribute 'descent'\. Did you mean 'descend'\?"):
        ravine.descent  # noqa: B018


def test_far_off_name_gets_no_suggestion():
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'\.$"):
        ravine.zzz  # noqa: B018


def test_import_loads_nothing_heavy():
    assert _loaded_after("import ravine").isdisjoint(_HEAVY)


def test_help_loads_nothing_heavy():
    code = """
import contextlib, sys
from ravine.cli import main
sys.argv = ["ravine", "--help"]
with contextlib.suppress(SystemExit):
    main()
"""
    assert _loaded_after(code).isdisjoint(_HEAVY)


def test_formula_table_store_and_pictures_load_no_tensorflow():
    code = "import ravine as rv; rv.Formula, rv.read_table, rv.Problem, rv.Run, rv.Surface, rv.load, rv.plots, rv.draw"
    assert _loaded_after(code).isdisjoint({"tensorflow", "keras"})
