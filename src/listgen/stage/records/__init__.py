"""Records.

Raw files are checked, parsed once into Parquet, and offered to the tables as views `read_<form>`.
"""
