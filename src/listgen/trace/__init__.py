"""The way back: from a score to its tree, from a value to its bytes.

Reads: a finished build's listgen.duckdb, data/raw.
Writes: nothing.
"""

from listgen.trace.explain import explain, explain_lines
from listgen.trace.walk import trace, trace_lines

__all__ = ["explain", "explain_lines", "trace", "trace_lines"]
