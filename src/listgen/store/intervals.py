"""Intervals of shares, as SQL macros.

Reads: nothing.
Writes: nothing.
"""

# student_factor: the square of Student's t over the normal quantile at 95 %, by Fisher's expansion
# (Abramowitz & Stegun 26.7.5). Wilson's interval depends on z squared over n only, so n over this factor
# gives it with t.
# Wilson score interval, 95 %: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212. n counts items, not fractional
# credit, so the interval is conservative for fractional shares.
# Clusters: the references of one document resemble one another. The variance of a share p = sum y / sum x is
# that of a ratio over documents (Cochran 1977, ch. 6), from their sums of squares and products; its design
# effect is how much larger that is than with independent citations (Rao & Scott 1992).
INTERVAL_MACROS = """
CREATE OR REPLACE MACRO student_factor(df) AS (1 + 1.2104 / df + 1.4401 / (df * df))
  * (1 + 1.2104 / df + 1.4401 / (df * df));
CREATE OR REPLACE MACRO wilson_lo(p, n) AS CASE WHEN n > 0 AND p IS NOT NULL THEN
  greatest(0, (p + 1.959963984540054 * 1.959963984540054 / (2 * n)
    - 1.959963984540054 * sqrt(greatest(0, p * (1 - p)) / n
      + 1.959963984540054 * 1.959963984540054 / (4 * CAST(n AS DOUBLE) * n)))
  / (1 + 1.959963984540054 * 1.959963984540054 / n)) END;
CREATE OR REPLACE MACRO wilson_hi(p, n) AS CASE WHEN n > 0 AND p IS NOT NULL THEN
  least(1, (p + 1.959963984540054 * 1.959963984540054 / (2 * n)
    + 1.959963984540054 * sqrt(greatest(0, p * (1 - p)) / n
      + 1.959963984540054 * 1.959963984540054 / (4 * CAST(n AS DOUBLE) * n)))
  / (1 + 1.959963984540054 * 1.959963984540054 / n)) END;
CREATE OR REPLACE MACRO cluster_df(x, xx) AS CASE WHEN xx > 0 THEN greatest(1, x * x / xx - 1) END;
CREATE OR REPLACE MACRO cluster_variance(p, x, yy, xy, xx) AS CASE WHEN xx > 0 THEN
  greatest(0, yy - 2 * p * xy + p * p * xx) / (x * x) / greatest(0.1, 1 - xx / (x * x)) END;
-- The larger of the country's own and the technology's pooled one: a share of 0 or 1 has none of its own.
CREATE OR REPLACE MACRO design_effect(p, variance, x, technology) AS
  greatest(1, coalesce(variance * x / nullif(p * (1 - p), 0), 1),
    coalesce(SUM(CAST(variance * x AS DECIMAL(38, 12))) OVER (PARTITION BY technology)
      / nullif(SUM(CAST(CASE WHEN variance IS NOT NULL THEN p * (1 - p) END AS DECIMAL(38, 12)))
        OVER (PARTITION BY technology), 0), 1));
"""
