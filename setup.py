"""Every folder of src with an `__init__.py` is a package of the distribution.

Adding one means editing no list.
"""

from setuptools import find_packages, setup

# Folders outside src, whose places pyproject.toml gives.
_ELSEWHERE = ("listgen.flows", "listgen.template.config", "listgen.template.expectations")

setup(packages=[*find_packages("src"), *_ELSEWHERE])
