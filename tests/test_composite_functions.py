"""The functions of composite indicators: the numbers of docs/composite.md, and choices that are wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from listgen.base.errors import ConfigError
from listgen.composite.functions import (
    AGGREGATIONS,
    CATALOGUES,
    CORRELATIONS,
    NORMALISATIONS,
    TREATMENTS,
    WEIGHTINGS,
)
from listgen.composite.functions.availability import data_availability, denominate, group_mean
from listgen.composite.functions.consistency import cronbach_alpha, principal_components
from listgen.composite.functions.treat import shape_of, winsorised
from listgen.composite.functions.weigh import effective_weights
from listgen.config.yamlfile import find_places

DOCS = Path(__file__).resolve().parents[1] / "docs"
X = np.array([1.0, 2.0, 2.0, 5.0, 20.0])
PAIR = np.array([[10.0, 40.0], [20.0, 20.0], [90.0, 10.0]])
HALF = np.array([0.5, 0.5])
ITEMS = np.array([[1.0, 2.0, 1.0], [2.0, 1.0, 3.0], [3.0, 4.0, 2.0], [4.0, 3.0, 5.0]])
# What the tables of docs/composite.md print: the name of the function, and its result.
EXAMPLES = {
    "winsorise": TREATMENTS["winsorise"](X, max_points=1),
    "log_shift": TREATMENTS["log_shift"](X),
    "box_cox": TREATMENTS["box_cox"](X, exponent=0.5),
    "skew_kurtosis_rule": TREATMENTS["skew_kurtosis_rule"](X, max_points=1),
    "untreated": TREATMENTS["untreated"](X),
    "min_max": NORMALISATIONS["min_max"](X),
    "z_score": NORMALISATIONS["z_score"](X),
    "rank": NORMALISATIONS["rank"](X),
    "borda": NORMALISATIONS["borda"](X),
    "percentile_rank": NORMALISATIONS["percentile_rank"](X),
    "distance_to_maximum": NORMALISATIONS["distance_to_maximum"](X),
    "distance_to_reference": NORMALISATIONS["distance_to_reference"](X, reference=5.0),
    "goalposts": NORMALISATIONS["goalposts"](X, worst=0.0, best=10.0),
    "symmetric_goalposts": NORMALISATIONS["symmetric_goalposts"](X, worst=-1.0, best=1.0),
    "given": WEIGHTINGS["given"](PAIR, weights=[3.0, 1.0]),
    "equal": WEIGHTINGS["equal"](PAIR),
    "pca": WEIGHTINGS["pca"](ITEMS),
    "effective_weights": effective_weights(ITEMS, ITEMS.mean(axis=1)),
    "arithmetic": AGGREGATIONS["arithmetic"](PAIR, HALF),
    "geometric": AGGREGATIONS["geometric"](PAIR, HALF),
    "harmonic": AGGREGATIONS["harmonic"](PAIR, HALF),
    "copeland": AGGREGATIONS["copeland"](PAIR, np.array([0.6, 0.4])),
    "pearson": CORRELATIONS["pearson"](ITEMS)[0],
    "spearman": CORRELATIONS["spearman"](ITEMS)[0],
    "kendall": CORRELATIONS["kendall"](ITEMS)[0],
    "cronbach_alpha": np.array([cronbach_alpha(ITEMS)]),
    "principal_components": principal_components(ITEMS).loadings[:, 0],
}


@pytest.mark.parametrize("name", ["composite.md", "composite.ja.md"])
def test_the_examples_of_the_page_are_what_the_functions_give(name):
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([-\d., ]+) \|$", (DOCS / name).read_text("utf-8"), re.MULTILINE)
    printed = {function: [float(one) for one in cells.split(",")] for function, cells in rows}
    assert set(printed) == set(EXAMPLES)
    for function, numbers in printed.items():
        np.testing.assert_allclose(EXAMPLES[function], numbers, atol=0.00051, err_msg=function)


def test_every_function_has_an_example():
    assert {name for one in CATALOGUES.values() for name in one} <= set(EXAMPLES)


def test_known_numbers():
    assert NORMALISATIONS["min_max"](np.array([1.0, 2.0, 5.0])).tolist() == [0.0, 25.0, 100.0]
    assert NORMALISATIONS["rank"](X).tolist() == [1, 2, 2, 4, 5]
    assert AGGREGATIONS["geometric"](np.array([[4.0, 9.0]]), HALF)[0] == pytest.approx(6.0)
    assert AGGREGATIONS["harmonic"](np.array([[2.0, 6.0]]), HALF)[0] == pytest.approx(3.0)
    assert AGGREGATIONS["copeland"](PAIR, np.array([0.6, 0.4])).tolist() == [-2.0, 0.0, 2.0]
    # k / (k - 1) x (1 - sum of variances / variance of the sum), another form of alpha.
    by_sum = 3 / 2 * (1 - ITEMS.var(axis=0, ddof=1).sum() / ITEMS.sum(axis=1).var(ddof=1))
    assert cronbach_alpha(ITEMS) == pytest.approx(by_sum)


@pytest.mark.parametrize("name", sorted(NORMALISATIONS))
def test_a_missing_value_stays_missing_and_does_not_move_the_others(name):
    more = {"goalposts": {"worst": 0, "best": 10}, "symmetric_goalposts": {"worst": -1, "best": 1}}
    parameters = more.get(name, {"reference": 5.0} if name == "distance_to_reference" else {})
    full = NORMALISATIONS[name](X, **parameters)
    gap = NORMALISATIONS[name](np.append(X, np.nan), **parameters)
    assert np.isnan(gap[-1])
    np.testing.assert_allclose(gap[:-1], full)


@pytest.mark.parametrize("values", [[np.nan, np.nan], [7.0, 7.0]])
@pytest.mark.parametrize("name", ["min_max", "z_score", "distance_to_maximum"])
def test_an_indicator_without_spread_has_no_score(name, values):
    assert np.isnan(NORMALISATIONS[name](np.array(values))).all()


def test_an_aggregate_rescales_the_weights_of_what_is_there():
    values = np.array([[10.0, np.nan], [np.nan, np.nan]])
    for name, function in AGGREGATIONS.items():
        found = function(values, np.array([0.3, 0.7]))
        assert np.isnan(found[1]), name
        assert found[0] == pytest.approx(0.0 if name == "copeland" else 10.0), name


def test_treatment_changes_only_what_fails_the_rule():
    wild = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 300.0])
    treated = winsorised(wild)
    assert not treated.before.passes
    assert treated.after.passes
    assert treated.points == [""] * 7 + ["winhi"]
    assert winsorised(np.array([-one for one in wild])).points == [""] * 7 + ["winlo"]
    assert shape_of(np.ones(9)).passes
    # One point is not enough here, so that the logarithm of the untreated values is taken.
    stubborn = np.array([1.0] * 20 + [2.0, 900.0, 950.0])
    ruled = TREATMENTS["skew_kurtosis_rule"](stubborn, max_points=1)
    assert np.array_equal(ruled, TREATMENTS["log_shift"](stubborn))


def test_availability_denomination_and_group_mean():
    values = np.array([[0.0, np.nan, 2.0, 4.0], [np.nan] * 4])
    frame = data_availability(values)
    assert frame["available"].to_list() == [0.75, 0.0]
    assert frame["non_zero"][0] == pytest.approx(2 / 3)
    assert np.isnan(frame["non_zero"][1])
    ratio = denominate(np.array([[6.0, 6.0]]), np.array([[3.0, 0.0]]))
    assert ratio[0, 0] == 2.0
    assert np.isnan(ratio[0, 1])
    filled = group_mean(np.array([[1.0], [3.0], [np.nan], [np.nan]]), ["a", "a", "a", "b"])
    assert filled[:3, 0].tolist() == [1.0, 3.0, 2.0]
    assert np.isnan(filled[3, 0])


@pytest.mark.parametrize(
    ("choice", "line", "said"),
    [
        ("function: z_scor", 3, 'Did you mean "z_score"?'),
        ("function: min_max\n    parameters: {lwo: 1}", 4, 'Did you mean "low"?'),
        ("function: min_max\n    parameters: {low: yes}", 4, '"low" has an unsuitable value'),
        ("function: goalposts\n    parameters: {worst: 1}", 3, 'needs the parameter "best"'),
    ],
)
def test_a_wrong_choice_is_refused_with_file_line_and_nearest_name(tmp_path, choice, line, said):
    path = tmp_path / "scoring.yaml"
    path.write_text(f"choices:\n  normalisation:\n  - {choice}\n", "utf-8")
    places = find_places(path, "config/scoring.yaml")
    chosen = {"function": choice.split("\n")[0].split()[-1], "parameters": {}}
    if "{" in choice:
        key, value = choice.split("{")[1].rstrip("}").split(": ")
        chosen["parameters"] = {key: float(value) if value.isdigit() else value}
    with pytest.raises(ConfigError) as caught:
        NORMALISATIONS.choose(
            *chosen.values(), "config/scoring.yaml", places, ("choices", "normalisation", 0)
        )
    assert caught.value.problems[0].place.startswith(f"config/scoring.yaml:{line}:")
    assert said in caught.value.problems[0].message


def test_a_list_of_whole_numbers_is_a_list_of_weights():
    chosen = WEIGHTINGS.choose("given", {"weights": [3, 1]}, "config/scoring.yaml")
    assert chosen(PAIR).tolist() == [0.75, 0.25]


def test_a_choice_has_its_parameters_filled_in():
    chosen = NORMALISATIONS.choose("min_max", {"high": 1.0}, "config/scoring.yaml")
    assert chosen(np.array([1.0, 3.0])).tolist() == [0.0, 1.0]
