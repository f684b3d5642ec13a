"""The candidate list: every rule judged on the draws, every assessed technology once, with its reasons and caveats."""
