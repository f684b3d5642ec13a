"""The candidate list.

Every rule judged on the draws, every assessed technology once, with its reasons and caveats.
"""
