"""Broken configurations give file, line and cause in two seconds, all at once; `doctor` says the same."""

import os
import re
import time
from pathlib import Path

import pytest
from broken_configurations import (
    COUNTRIES,
    DOMAINS,
    SETTINGS,
    SOURCE,
    TECHNOLOGY,
    Broken,
    changed,
    every_broken,
)
from miniature import open_miniature
from running import listgen

from listgen.base.errors import ConfigError
from listgen.config.checks import scoring
from listgen.indicators import load_indicators
from listgen.listing import caveats
from listgen.workspace.loading import load_workspace

EVERY = every_broken()
SAMPLE = EVERY[::17]
MAX_SECONDS = 2.0  # of the processor: the machine may be doing other work


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    open_miniature(folder)
    return folder


def refusal(root: Path) -> tuple[ConfigError, float]:
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_workspace(root)
    return caught.value, time.process_time() - started


def check(broken: Broken, root: Path) -> None:
    broken.edit(root)
    error, seconds = refusal(root)
    wanted = os.path.normpath(f"config/{broken.file}")
    said = [
        problem
        for problem in error.problems
        if os.path.normpath(problem.file) == wanted and re.search(broken.cause, problem.message)
    ]
    assert said, f"{broken.name}: {error}"
    assert not broken.has_line or said[0].line > 0, f"{broken.name}: {said[0]}"
    assert not broken.near or any(f'Did you mean "{broken.near}"?' in one.message for one in said), (
        f"{broken.name}: {said[0]}"
    )
    assert seconds < MAX_SECONDS, f"{broken.name}: {seconds:.1f} s"
    assert len(str(error).splitlines()) < 60, f"{broken.name} prints {len(str(error).splitlines())} lines"


def test_there_are_two_hundred_different_ones():
    assert len({broken.name for broken in EVERY}) == len(EVERY) >= 200


@pytest.mark.parametrize("broken", SAMPLE, ids=lambda broken: broken.name)
def test_a_broken_configuration_gives_file_line_and_cause(broken, root):
    check(broken, root)


@pytest.mark.long
@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: broken.name)
def test_each_broken_configuration_gives_file_line_and_cause(broken, root):
    check(broken, root)


def test_problems_of_all_files_come_at_once(root):
    """A broken settings file, and one of countries, hide nothing of the others."""
    changed(SETTINGS, "draws: 100", "draws: 1")(root)
    changed(SETTINGS, "mini_google,", "mini_gogle,")(root)
    changed(COUNTRIES, "countries:", "countrys:")(root)
    changed(TECHNOLOGY, "status: active", "status: activ")(root)
    changed(TECHNOLOGY, "domain: ict_data", "domain: ict_dta")(root)
    changed(SOURCE, "form: statistic_table", "form: statistics_table")(root)
    error, _ = refusal(root)
    said = str(error)
    for word in ("draws", "mini_gogle", "countrys", "activ", "ict_dta", "statistics_table"):
        assert word in said, f"{word}: {said}"


def test_a_name_in_a_broken_file_is_not_said_to_be_unknown(root):
    changed(DOMAINS, "domains:", "domain:")(root)
    error, _ = refusal(root)
    assert {problem.file for problem in error.problems} == {"config/domains.yaml"}


def test_the_same_cause_in_many_files_is_one_line(root):
    template = (root / "config" / TECHNOLOGY).read_text(encoding="utf-8")
    for number in range(40):
        text = template.replace("photon_chips", f"photon_chips_{number}").replace(
            "domain: ict_data", "domain: ict_dta"
        )
        text = (
            text.replace("Photonic chips", f"Chips {number}")
            .replace("フォトニックチップ", f"チップ{number}")
            .replace("G02B6", f"G02B6/{number}")
        )
        (root / "config" / "technologies" / f"photon_chips_{number}.yaml").write_text(text, encoding="utf-8")
    error, _ = refusal(root)
    lines = str(error).splitlines()
    about = [line for line in lines if "ict_dta" in line]
    assert len(about) == 1, lines
    assert (
        "40 places" in about[0]
        and 'Did you mean "ict_data"?' in about[0]
        and "photon_chips_0.yaml:" in about[0]
    )
    assert len(error.as_dict()["problems"]) == 40, "--json has every one"


# A slip in one key, and a rule over several keys of the same part that is broken besides.
SLIP_AND_RULE = (
    ("scoring.yaml", (("  near_miss: 0.2", "  near_mis: 0.6"),), "near_mis",
        "near_miss must be below listed"),
    ("scoring.yaml", (("axis: superiority, max: 40", "axis: superioritty, max: 40, min: 3"),), "superioritty",
     "either min or max"),
    ("scoring.yaml", (("  min_clusters: ", "  min_cluster: 9 # "), ("  label_part:", "  labl_part:")),
     "min_cluster", "max_clusters must not be below"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("file", "edits", "slip", "rule"), SLIP_AND_RULE, ids=[rule for *_, rule in SLIP_AND_RULE]
)
def test_a_slip_and_a_broken_rule_of_one_part_are_named_together(root, file, edits, slip, rule):
    for old, new in edits:
        changed(file, old, new)(root)
    said = [(problem.line, problem.message) for problem in refusal(root)[0].problems]
    assert any(slip in message for _, message in said), said
    assert any(rule in message and line > 0 for line, message in said), said


def test_a_rule_whose_value_is_unreadable_is_not_judged(root):
    changed("scoring.yaml", "  near_miss: 0.2", "  near_miss: much")(root)
    said = [problem.message for problem in refusal(root)[0].problems]
    assert any("near_miss" in message for message in said)
    assert not any("must be below listed" in message for message in said), said


REFUSED_BY_A_BUILD = (
    (SOURCE, "layout: long", "layout: long\n  encoding: shift-jsi"),
    (SOURCE, "form: statistic_table", "form: statistics_table"),
    ("scoring.yaml", "s1_top10_share:", "s1_top10_shar:"),
    (SETTINGS, "mini_supply]", "mini_supply, mini_supply]"),
    (SETTINGS, "focal_country: JP", "focal_country: JX"),
    ("caveats.yaml", "  ties_shared:", "  ties_shraed:"),
    ("caveats.yaml", "  is_sample:", "  is_smaple:"),
)


def test_the_caveats_that_are_checked_are_those_that_indicators_and_the_list_bring():
    """What the checks read from the files by their text is what the program reads from them."""
    in_heads = {
        key
        for one in load_indicators()
        for name in ("caveats", "value_caveats")
        for key in one.header.get(name) or []
    }
    assert scoring.indicator_caveats() == in_heads
    assert set(scoring.indicator_ids()) == {one.id for one in load_indicators()}
    text = Path(caveats.__file__).read_text(encoding="utf-8")
    added = set(re.findall(r"""(?:= \{|, \()"([a-z_]+)"[,}]""", text))
    assert set(scoring.LIST_CAVEATS) == added


@pytest.mark.parametrize(
    ("file", "old", "new"), REFUSED_BY_A_BUILD, ids=[new[-24:] for _, _, new in REFUSED_BY_A_BUILD]
)
def test_doctor_refuses_what_a_build_refuses_in_the_same_words(small_built, file, old, new):
    changed(file, old, new)(small_built.root)
    doctor, build = (listgen(small_built.root, verb) for verb in ("doctor", "build"))
    assert doctor.returncode == build.returncode == 2, doctor.stdout + build.stderr
    assert doctor.stderr == build.stderr
