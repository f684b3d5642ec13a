"""Declared tables: a published table becomes evidence by a declaration alone.

The bytes become UTF-8 text (`grid`), the header is found (`header`), each cell's parts become one SQL
statement (`plan`), numbers and years lose their marks (`cells`), area names get codes (`areas`). `promises`
compares what was read with what the declaration promises; `draft` writes a first declaration, from what
`fileformat` finds in the bytes.
"""
