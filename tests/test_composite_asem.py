"""The ASEM index, table by table, against COINr 1.1.14 (MIT; data: European Commission, JRC)."""

import numpy as np
import polars as pl
import pytest
from real_world import SHARED

from listgen.composite.functions import AGGREGATIONS, NORMALISATIONS, TREATMENTS, WEIGHTINGS
from listgen.composite.functions.availability import data_availability, denominate, group_mean
from listgen.composite.functions.consistency import cronbach_alpha
from listgen.composite.functions.normalise import directed
from listgen.composite.functions.treat import winsorised

FOLDER = SHARED / "composite"
# The data are not copied: the terms of their origin were not looked up.
pytestmark = pytest.mark.skipif(
    not (FOLDER / "asem_iData.csv").is_file(),
    reason="the ASEM tables are not here (../shared/data/composite)",
)
TOLERANCE = 1e-9


def table(name):
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema_length=None)


def numbers(frame, columns):
    return frame.select(pl.col(columns).cast(pl.Float64)).fill_null(np.nan).to_numpy().copy()


def assert_same(found, expected, atol=TOLERANCE):
    assert found.shape == expected.shape
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=atol)


@pytest.fixture(scope="module")
def asem():
    meta = table("asem_iMeta")
    indicators = meta.filter(pl.col("Type") == "Indicator")
    names = indicators["iCode"].to_list()
    raw = table("asem_iData").sort("uCode")
    values = numbers(raw, names)
    by = np.ones_like(values)
    for column, name in enumerate(indicators["Denominator"]):
        if name:
            by[:, column] = raw[name].cast(pl.Float64).to_numpy()
    denominated = denominate(values, by)
    imputed = group_mean(denominated, raw["EurAsia_group"].to_list())
    treated = [winsorised(column, max_points=5) for column in imputed.T]
    after = np.column_stack([one.values for one in treated])
    plus = directed(after, indicators["Direction"].cast(pl.Float64).to_numpy())
    normalised = np.column_stack([NORMALISATIONS["min_max"](column) for column in plus.T])
    columns = dict(zip(names, normalised.T, strict=True))
    parents = meta.filter(pl.col("Parent").is_not_null()).sort("Level", maintain_order=True)
    for parent in parents["Parent"].unique(maintain_order=True):
        below = parents.filter(pl.col("Parent") == parent)
        part = np.column_stack([columns[name] for name in below["iCode"]])
        weights = WEIGHTINGS["given"](part, weights=below["Weight"].cast(pl.Float64).to_list())
        columns[parent] = AGGREGATIONS["arithmetic"](part, weights)
    return {
        "names": names, "units": raw["uCode"].to_list(), "raw": values, "denominated": denominated,
        "imputed": imputed, "treatment": treated, "treated": after, "plus": plus,
        "normalised": normalised, "columns": columns, "lineage": table("asem_lineage"),
    }  # fmt: skip


def expected(asem, name, columns=None):
    frame = table(name).sort("uCode")
    assert frame["uCode"].to_list() == asem["units"]
    return numbers(frame, columns or asem["names"])


@pytest.mark.parametrize("step", ["denominated", "imputed", "treated", "normalised"])
def test_every_step_gives_the_published_table(asem, step):
    assert expected(asem, f"default_{step}").shape == (51, 49)
    assert_same(asem[step], expected(asem, f"default_{step}"), atol=1e-12)


def test_availability(asem):
    published = table("default_data_availability").sort("uCode")
    columns = ["N_missing", "N_zero", "N_miss_or_zero", "Dat_Avail", "Non_Zero"]
    found = data_availability(asem["imputed"])
    assert_same(numbers(found, found.columns), numbers(published, columns))
    included = published["Included"].cast(pl.String).str.to_uppercase() == "TRUE"
    assert (found["available"] >= 0.9).to_list() == included.to_list()


def test_availability_counts_missing_values(asem):
    assert data_availability(asem["raw"])["n_missing"].sum() == 63
    # One country has no value of Energy, the denominator of Elec and Gas.
    assert data_availability(asem["denominated"])["n_missing"].sum() == 65


def test_treated_points(asem):
    frame = table("default_treated_points").sort("uCode").select(asem["names"]).fill_null("")
    for name, one in zip(asem["names"], asem["treatment"], strict=True):
        assert one.points == frame[name].to_list(), name
    assert sum(one.n_winsorised for one in asem["treatment"]) > 0


def test_treatment_details(asem):
    details = {row["iCode"]: row for row in table("default_treatment_details").iter_rows(named=True)}
    assert list(details) == asem["names"]
    for name, one in zip(asem["names"], asem["treatment"], strict=True):
        row = details[name]
        assert str(one.before.passes).upper() == str(row["check_SkewKurt0.Pass"]).upper()
        found = [one.before.skew, one.before.kurtosis]
        wanted = [row["check_SkewKurt0.Skew"], row["check_SkewKurt0.Kurt"]]
        if one.n_winsorised:
            assert str(one.after.passes).upper() == str(row["check_SkewKurt1.Pass"]).upper()
            found += [one.n_winsorised, one.after.skew, one.after.kurtosis]
            wanted += [row["winsorise.nwin"], row["check_SkewKurt1.Skew"], row["check_SkewKurt1.Kurt"]]
        else:
            assert row["winsorise.nwin"] is None
        np.testing.assert_allclose(found, np.array(wanted, float), rtol=TOLERANCE, atol=TOLERANCE)


def test_the_rule_gives_the_same_as_winsorising_since_no_logarithm_is_needed(asem):
    ruled = np.column_stack([TREATMENTS["skew_kurtosis_rule"](column) for column in asem["imputed"].T])
    assert np.array_equal(ruled, asem["treated"])


def test_z_scores(asem):
    found = np.column_stack([NORMALISATIONS["z_score"](column) for column in asem["plus"].T])
    assert_same(found, expected(asem, "normalised_zscore"))


AGGREGATED = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
AGGREGATED += ["Conn", "Sust", "Index"]


def test_scores(asem):
    found = np.column_stack([asem["columns"][name] for name in AGGREGATED])
    assert_same(found, expected(asem, "default_scores", AGGREGATED))


def test_ranks(asem):
    found = pl.DataFrame({name: asem["columns"][name] for name in AGGREGATED}).select(
        pl.all().rank("min", descending=True).cast(pl.Float64)
    )
    assert np.array_equal(found.to_numpy(), expected(asem, "default_ranks", AGGREGATED))


def test_cronbach_alpha(asem):
    lineage, rows = asem["lineage"], table("cronbach_alpha")
    assert rows.height > 30
    levels = {"indicators": "Indicator", "pillars": "Pillar", "sub-indexes": "Sub-index"}
    for row in rows.iter_rows(named=True):
        at = pl.any_horizontal(pl.col("Pillar", "Sub-index", "Index") == row["group"])
        items = lineage.filter(at)[levels[row["items"]]].unique(maintain_order=True).to_list()
        assert len(items) == row["n_items"]
        if row["dset"] == "Aggregated":
            part = np.column_stack([asem["columns"][name] for name in items])
        else:
            part = asem[row["dset"].lower()][:, [asem["names"].index(name) for name in items]]
        assert cronbach_alpha(part) == pytest.approx(row["cronbach_alpha"], rel=TOLERANCE), row
