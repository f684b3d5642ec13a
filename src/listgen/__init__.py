"""listgen makes evidence-based lists of technologies critical to economic security."""

__version__ = "0.1.0"
