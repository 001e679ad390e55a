"""Counts and reports assertions; a failing one never stops the run."""
import sys
import traceback
from contextlib import contextmanager


class Checks:
    """The tally of one run. Every assertion names its acceptance scenario, such as B13."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, scenario, what, expected, got):
        """Passes when got equals expected in value and, for booleans and numbers, in kind."""
        same = got == expected and isinstance(got, bool) == isinstance(expected, bool)
        self._record(same, scenario, what, repr(expected), repr(got))

    def true(self, scenario, what, condition, got):
        """Passes when the condition holds; `what` words the expectation, got is what was looked at."""
        self._record(bool(condition), scenario, what, "this to hold", repr(got))

    @contextmanager
    def scenario(self, scenario):
        """Turns an exception inside the block into one failure of that scenario."""
        try:
            yield
        except Exception as problem:  # whatever a client throws is a finding, not a crash of the driver
            where = traceback.extract_tb(problem.__traceback__)[-1]
            self._record(False, scenario, "no exception", "none",
                         f"{type(problem).__name__}: {problem} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})")

    def _record(self, ok, scenario, what, expected, got):
        if ok:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL {scenario} {what}: expected {_short(expected)}, got {_short(got)}")
        sys.stdout.flush()


def _short(text):
    return text if len(text) <= 600 else text[:600] + "…"
