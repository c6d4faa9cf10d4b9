"""Location quotients: what a region is thought to supply to itself when nobody has asked. The naive
alternatives.

With x [R, K] output of regions and e_r the region's share of all output (Miller and Blair 2009, chapter
8; Flegg, Webber and Elliott 1995; Flegg and Webber 1997):

    SLQ_i^r   = (x_i^r / x^r) / (x_i / x)               a region that makes less than its share buys the
              rest away
    CILQ_ij^r = (x_i^r / x_i) / (x_j^r / x_j)           seller against buyer
    FLQ_ij^r  = CILQ_ij (SLQ_i on the diagonal) x log2(1 + e_r) ** delta       small regions buy more away

Each gives the share of its needs that a region covers itself: min(1, quotient).
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Floats, ratio

DELTA = 0.3  # of FLQ: the value Flegg and Tohmo (2013) recommend for regions of Finland


def slq(output: Floats) -> Floats:
    """[R, K] simple location quotients; 0 where a region makes nothing of a product."""
    share = output / output.sum(axis=1, keepdims=True)
    country = output.sum(axis=0) / output.sum()
    return ratio(share, np.broadcast_to(country, share.shape))


def cilq(output: Floats) -> Floats:
    """[R, K, K] cross-industry quotients, seller by buyer."""
    part = ratio(output, np.broadcast_to(output.sum(axis=0), output.shape))
    return ratio(
        np.broadcast_to(part[:, :, None], (*part.shape, part.shape[1])),
        np.broadcast_to(part[:, None, :], (*part.shape, part.shape[1])),
    )


def flq(output: Floats, delta: float = DELTA) -> Floats:
    """[R, K, K] Flegg's quotients; delta 0 leaves CILQ with SLQ on the diagonal."""
    if not 0 <= delta < 1:
        raise ValueError(f"delta must lie in [0, 1), got {delta}")
    out = cilq(output)
    k = output.shape[1]
    out[:, np.arange(k), np.arange(k)] = slq(output)
    size = np.log2(1 + output.sum(axis=1) / output.sum()) ** delta
    return np.asarray(out * size[:, None, None])


def own_share(quotient: Floats) -> Floats:
    """What a region covers itself: the quotient, at most 1."""
    return np.minimum(quotient, 1.0)
