"""Functions of composite indicators, found by their names: treatment, normalisation, weights, aggregation.

Every function is pure. A matrix has one row per unit and one column per indicator; NaN means missing.
`docs/composite.md` gives formula, source and an example of each.

Reads: nothing
Writes: nothing
"""

from __future__ import annotations

from listgen.composite.functions.aggregate import AGGREGATIONS
from listgen.composite.functions.catalogue import Catalogue
from listgen.composite.functions.consistency import CORRELATIONS
from listgen.composite.functions.normalise import NORMALISATIONS
from listgen.composite.functions.treat import TREATMENTS
from listgen.composite.functions.weigh import WEIGHTINGS

__all__ = ["AGGREGATIONS", "CATALOGUES", "CORRELATIONS", "NORMALISATIONS", "TREATMENTS", "WEIGHTINGS"]

CATALOGUES: dict[str, Catalogue] = {
    one.kind: one for one in (TREATMENTS, NORMALISATIONS, WEIGHTINGS, AGGREGATIONS, CORRELATIONS)
}
