"""Lets `python -m listgen` stand for the `listgen` command."""

from listgen.cli import main

if __name__ == "__main__":
    main()
