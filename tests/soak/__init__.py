"""What takes too long for every commit: many seeds of faults, many kills, many mutants.

`make soak` runs it and ends by itself.
"""
