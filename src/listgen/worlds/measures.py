"""Measures the indicators of every country anew in every resampled world of one technology.

Reads: nothing. Writes: nothing.

The formulas are those of the indicators' SQL files, on resampled weights. All results are countries x draws.
"""

from __future__ import annotations

import numpy as np

from listgen.worlds.evidence import Evidence, added
from listgen.worlds.institutions import Shrunken, elite_shares
from listgen.worlds.resample import Floats

# As in i2_breadth.sql and i3_removal_impact.sql; a test compares them.
TOP_SOURCES = 3
EXPANSION = 0.5
Measured = dict[str, Floats]


def of_works(evidence: Evidence, taken: Floats, shrunken: Shrunken) -> Measured:
    """Return S1 to S4 and the citation measures.

    Args:
        evidence: The works.
        taken: Weight of each work in each world.
        shrunken: Draws the true credit of institutions; every second world takes it for S4.
    """
    top = evidence.top_tenth.of(taken)
    credit = added(evidence.own, top)
    rated = taken * ~np.isnan(evidence.flag)[:, None]
    flagged = taken * np.nan_to_num(evidence.flag)[:, None]
    return {
        "s1_top10_share": _over(credit, credit.sum(axis=0)),
        "s2_quality_ratio": _over(added(evidence.own, flagged), added(evidence.own, rated)),
        "s3_log_lead": _lead(credit),
        "s4_elite_institutions": _elite(evidence, taken, top, shrunken),
    } | of_citations(evidence, taken)


def of_families(evidence: Evidence, taken: Floats) -> Measured:
    """Return S5, S6 and the citation measures of families.

    S6 is measured by the share alone: what a country and the world file in all fields hardly moves.
    """
    flagged = added(evidence.own, taken * np.nan_to_num(evidence.flag)[:, None])
    universe = added(evidence.own, taken * evidence.is_universe[:, None])
    cited = {f"{name}_families": drawn for name, drawn in of_citations(evidence, taken).items()}
    return {
        "s5_international_family_share": _over(flagged, flagged.sum(axis=0)),
        "s6_symmetric_rta": _over(universe, universe.sum(axis=0)),
    } | cited


def of_citations(evidence: Evidence, taken: Floats) -> Measured:
    """Return A1, A3, I1, I2 and I3."""
    n_countries = len(evidence.codes)
    flow = np.zeros((n_countries, n_countries, taken.shape[1]))
    flow[evidence.pair_places[:, 0], evidence.pair_places[:, 1]] = added(evidence.pairs, taken)
    whole = flow.sum(axis=1)
    places = np.arange(n_countries)
    flow[places, places] = 0.0
    sent, received = flow.sum(axis=1), flow.sum(axis=0)
    share = np.nan_to_num(_over(flow, sent[:, None]))
    active = np.where(sent > 0, added(evidence.own, taken), 0.0)
    # Below the line are all other countries that cite abroad.
    others = active.sum(axis=0) - active
    bar = np.partition(flow, max(0, n_countries - TOP_SOURCES), axis=1)[:, max(0, n_countries - TOP_SOURCES)]
    is_among = (flow > 0) & (flow >= bar[:, None])
    gap = np.maximum(0.0, share - EXPANSION * (1.0 - share))
    return {
        "a1_foreign_dependence": _over(sent, whole),
        "a3_source_concentration": np.where(sent > 0, (share**2).sum(axis=1), np.nan),
        "i1_inbound_reliance": _over(received, sent.sum(axis=0) - sent),
        "i2_breadth": _over(np.einsum("pd,pcd->cd", active, is_among), others),
        "i3_removal_impact": _over(np.einsum("pd,pcd->cd", active, gap), others),
    }


def _lead(credit: Floats) -> Floats:
    """Return the logarithm of each country's credit over that of the best other."""
    first = credit.argmax(axis=0)[None, :]
    best = np.take_along_axis(credit, first, axis=0)
    rest = credit.copy()
    np.put_along_axis(rest, first, 0.0, axis=0)
    other = np.broadcast_to(best, credit.shape).copy()
    np.put_along_axis(other, first, rest.max(axis=0, initial=0.0)[None, :], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(credit / other))


def _elite(evidence: Evidence, taken: Floats, top: Floats, shrunken: Shrunken) -> Floats:
    """Return each country's part of the leading institutions: plain in even worlds, shrunken in odd ones."""
    country, n_countries = evidence.institution_country, len(evidence.codes)
    found = elite_shares(added(evidence.institutions, top), country, n_countries)
    drawn = shrunken.draw(taken[:, 1::2], top[:, 1::2])
    found[:, 1::2] = elite_shares(drawn, country[shrunken.near], n_countries)
    return found


def _over(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))
