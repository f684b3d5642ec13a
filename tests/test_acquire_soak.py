"""A few rounds of what `make soak` does many of.

Faults at random, kills, writes that fail, malformed records.
"""

import os

import pytest
from openalex_world import KEY
from soak.mutants import run_mutants
from soak.openalex import ACCESS, Clean, run_kills, run_seeds, run_writes
from soak.power import run_power


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Clean:
    os.environ["OPENALEX_API_KEY"] = KEY
    return Clean(tmp_path_factory.mktemp("clean"))


def test_p16_thirty_percent_of_random_faults_change_no_byte(tmp_path, clean):
    assert run_seeds(tmp_path, clean, 1)


def test_c41_a_killed_run_goes_on_where_it_was(tmp_path, clean):
    assert run_kills(tmp_path, clean, 2)


def test_f31_f32_a_write_that_fails_is_told_and_recovered_from(tmp_path, clean):
    assert run_writes(tmp_path, clean, 150)


def test_c45_what_was_not_flushed_when_the_power_went_is_fetched_again(tmp_path, clean):
    assert run_power(tmp_path, clean.contents, ACCESS, 400)


def test_d49_d51_malformed_records_are_quarantined_with_their_place(tmp_path):
    assert run_mutants(tmp_path, 75)
