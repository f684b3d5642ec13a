"""The documents that a build leaves, as typed models: one module each.

They are written from the models and read back through them.

The JSON Schemas next to this file are generated from the models (`make schemas`).
"""
