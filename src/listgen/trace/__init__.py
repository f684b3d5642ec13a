"""The way back: from a score to its tree, from a value to its bytes, from a list to the one before.

Reads: finished builds, data/raw.
Writes: nothing.
"""

from listgen.trace.changes import State, compare, read_state
from listgen.trace.diff import diff, diff_lines
from listgen.trace.explain import explain, explain_lines
from listgen.trace.walk import trace, trace_lines

__all__ = [
    "State",
    "compare",
    "diff",
    "diff_lines",
    "explain",
    "explain_lines",
    "read_state",
    "trace",
    "trace_lines",
]
