"""Is the diagnosis right? Runs whose trouble is known from how they are made, and healthy ones.

    python benchmarks/diagnosis.py [words of a case's name]

Prints what was expected and found where they differ, a confusion table, the share of cases in which exactly the
expected codes were found, and the false alarms on healthy runs. All cases were written before they were first run. At
the first run 98 of the 103 of ``diagnosis_cases`` were right; four showed faults of the diagnosis, since mended, one a
wrong expectation. Those of ``diagnosis_held_out`` came after that: 31 of the first 34 were right, and the other three
were not what they were meant to be (one arrived, one overflowed, one was as good as its noise allowed). Made anew, two
of these showed faults once more, since mended; eight further ones were right at the first run.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence

import timing
from diagnosis_cases import MADE, Case
from ravine.diagnosing.examination import diagnose
from ravine.diagnosing.findings import CODES

NONE = "–"
_SHORT = {code: code.replace("learning-rate-", "").replace("indistinguishable", "together") for code in CODES}


def main() -> None:
    """Diagnose all cases and print the tables."""
    sets = {"made": MADE}
    try:
        from diagnosis_held_out import HELD_OUT

        sets["held out"] = HELD_OUT
    except ImportError:
        pass
    for title, cases in sets.items():
        words = [word for word in sys.argv[1:] if not word.startswith("--")]
        chosen = [case for case in cases if all(word in case.name for word in words)]
        if chosen:
            judge(title, chosen)


def judge(title: str, cases: Sequence[Case]) -> None:
    """Print how a set of cases did."""
    pairs: Counter[tuple[str, str]] = Counter()
    right = alarms = 0
    for case in cases:
        began = time.perf_counter()
        run = case.run()
        made = time.perf_counter() - began
        found = frozenset(diagnose(run).codes)
        right += found == case.expected
        alarms += bool(found) and not case.expected
        pairs.update(_paired(case.expected, found))
        if found != case.expected:
            expected = ", ".join(sorted(case.expected)) or NONE
            print(f"  {case.name}: expected {expected}, found {', '.join(sorted(found)) or NONE}")
        if "--times" in sys.argv:
            print(f"  {case.name}: made {made:.1f} s, diagnosed {time.perf_counter() - began - made:.1f} s")
    _print_table(f"{title}: expected (rows) and found (columns)", pairs)
    healthy = sum(not case.expected for case in cases)
    print(
        f"{title}: {right} of {len(cases)} right ({right / len(cases):.1%}); {alarms} of {healthy} healthy runs alarmed"
    )


def _paired(expected: frozenset[str], found: frozenset[str]) -> list[tuple[str, str]]:
    """Return pairs of expected and found codes: what agrees first, then what is left against each other."""
    both = sorted(expected & found)
    missed, extra = sorted(expected - found), sorted(found - expected)
    rest = max(len(missed), len(extra))
    pairs = [(code, code) for code in both]
    pairs += zip(missed + [NONE] * (rest - len(missed)), extra + [NONE] * (rest - len(extra)), strict=True)
    return pairs or [(NONE, NONE)]


def _print_table(title: str, pairs: Counter[tuple[str, str]]) -> None:
    codes = [*CODES, NONE]
    rows = [
        (_SHORT.get(code, code), *(str(pairs[code, other] or "") for other in codes))
        for code in codes
        if any(pairs[code, other] for other in codes)
    ]
    timing.table(title, ("", *(_SHORT.get(code, code)[:9] for code in codes)), rows)


if __name__ == "__main__":
    main()
