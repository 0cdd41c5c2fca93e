"""The command: one file for each group of subcommands. The only package that may import every other."""

__version__ = "0.1.0"
