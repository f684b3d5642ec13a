"""What was planted in the sample world, written beside the provider files for tests alone; no step opens it.

Reads: the world.
Writes: truth.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from listgen.sample.profiles import EMERGING, FOCAL, OUTSIDE, PLANTED, THIN
from listgen.sample.trade import PLANTED_IMPORTS
from listgen.sample.world import WINDOW, World

# Which technologies one country leads how clearly.
_MONOPOLY: dict[str, dict[str, Any]] = {
    "machine_learning": {"class": "high", "leaders": ["CN"], "k": [8, 10], "ratio": [3.5, 9.0]},
    "quantum_communication": {"class": "medium", "leaders": ["CN"], "k": [5, 7], "ratio": [2.1, 2.85]},
    "advanced_integrated_circuits": {
        "class": "low",
        "leaders": ["US", "CN"],
        "k": [0, 6],
        "ratio": [1.0, 1.5],
    },
}


def describe_truth(world: World) -> dict[str, Any]:
    """Return what must be found again, in the words of the outputs.

    Axis scores count from the default importances of config/scoring.yaml; the bars leave room for other
    choices.
    """
    front = next(area for area in world.areas if area.name == EMERGING)
    return {
        "note": {"en": "Synthetic sample, not evidence.", "ja": "合成サンプル・根拠資料ではない。"},
        "seed": world.seed,
        "focal_country": FOCAL,
        "windows": {
            "works": [world.last_year - WINDOW + 1, world.last_year],
            "families": [world.last_year - WINDOW, world.last_year - 1],
        },
        "monopoly": _MONOPOLY,
        "indispensable": {
            "semiconductor_materials": {
                "country": FOCAL,
                "min_superiority": 55,
                "min_indispensability": 65,
                "rule": "protect",
            },
        },
        "dependence": _dependence(),
        "imports": {
            "hydrogen_ammonia": {
                "country": FOCAL,
                "origin": "DE",
                "codes": sorted(PLANTED_IMPORTS),
                "min_share": 0.85,
                "min_concentration": 0.75,
            }
        },
        "thin": {THIN: {"max_top10_works": 29}},
        "emerging": {"topic_ids": list(front.topics)},
        "with_evidence": [area.name for area in world.areas if area.name not in OUTSIDE],
        "without_evidence": list(world.unsampled),
    }


def _dependence() -> dict[str, Any]:
    """Return the planted dependences, with the bars that must find them."""
    return {
        name: {
            "country": profile.dependence.country,
            "source": profile.dependence.source,
            "max_autonomy": 25,
            "min_a3": 0.75,
            "rule": "secure",
        }
        for name, profile in PLANTED.items()
        if profile.dependence is not None
    }


def write_truth(world: World, path: Path) -> Path:
    """Write the truth file and return its path."""
    path.write_text(
        json.dumps(describe_truth(world), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    return path
