"""The configuration of a workspace.

The shape of each file, the loader that reads them all, and what they say about one another.
"""
