"""The command line: journey words as verbs, results on stdout, messages on stderr, exit codes as a contract.

One module for each group of commands. Nothing heavy is imported before a command runs.
"""

from listgen.cli.main import cli, main

__all__ = ["cli", "main"]
