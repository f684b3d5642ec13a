"""Staff pages and the log reveal no more of a person's ratings than the published results do."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import review_attack


def check(folder, n_panels):
    panels = review_attack.play_all(folder, n_panels)
    now, first = (review_attack.rate(panels, view) for view in (lambda one: one.now, lambda one: one.first))
    assert now.upper <= review_attack.LARGEST_EXCESS, now
    assert first.excess > 0.5, (
        "on the log of version 1 the same attack succeeds; otherwise it would prove nothing"
    )


def test_the_attack_succeeds_on_the_old_log_and_fails_on_the_new_one(tmp_path):
    check(tmp_path, 12)


@pytest.mark.long
def test_two_hundred_panels(tmp_path):
    check(tmp_path, 200)
