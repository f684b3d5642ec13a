"""The schema versions of everything a workspace keeps: the one place where they are declared.

A version goes up by one when a reader of the version before would no longer understand the document, or would
misunderstand it. `workspace/upgrade.py` then gets a step that carries documents of the version before
forward; readers refuse every other version with the advice to run `listgen upgrade`. A promoted list is never
rewritten, its digest is part of the record: so readers of candidates.json know the earlier versions too.
"""

from __future__ import annotations

from typing import Literal

CandidatesVersion = Literal[1, 2]
ChecksVersion = Literal[1]
ManifestVersion = Literal[2]

CANDIDATES_VERSION: CandidatesVersion = 2
CHECKS_VERSION: ChecksVersion = 1
MANIFEST_VERSION: ManifestVersion = 2
