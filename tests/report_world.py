"""A hand-made build for the report's tests: the tables of a finished build with invented figures.

The shapes follow the tables the steps write; the figures are drawn from a seeded generator, except where a
test needs a known one. Nothing here measures anything.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from report_rows import Filler

from listgen.config.loader import Config
from listgen.config.models import Countries, Domains, ReferenceList, Settings, Technology, Text
from listgen.config.scoring import Scoring
from listgen.config.yamlfile import load_yaml, plain
from listgen.store.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[1]

TECHNOLOGIES = (
    ("machine_learning", "Machine learning", "機械学習", "ai_computing_robotics"),
    ("natural_language_processing", "Natural language processing", "自然言語処理", "ai_computing_robotics"),
    ("adversarial_ai", "Adversarial AI", "敵対的AI", "ai_computing_robotics"),
    (
        "advanced_integrated_circuits",
        "Advanced integrated circuit design and fabrication",
        "先端集積回路の設計・製造",
        "ai_computing_robotics",
    ),
    ("high_performance_computing", "High-performance computing", "高性能計算", "ai_computing_robotics"),
    ("autonomous_robotics", "Autonomous robotics", "自律ロボット", "ai_computing_robotics"),
    ("quantum_computing", "Quantum computing", "量子コンピューティング", "quantum"),
    ("quantum_communication", "Quantum communication", "量子通信", "quantum"),
    ("quantum_sensing", "Quantum sensing", "量子センシング", "quantum"),
    ("post_quantum_cryptography", "Post-quantum cryptography", "耐量子計算機暗号", "ict_data"),
    ("sixth_generation_wireless", "Sixth-generation wireless", "第6世代移動通信", "ict_data"),
    ("optical_communication", "Optical communication", "光通信", "ict_data"),
    ("power_semiconductors", "Power semiconductors", "パワー半導体", "materials_manufacturing"),
    ("advanced_magnets", "Advanced magnets", "先端磁石", "materials_manufacturing"),
    ("carbon_fibre_composites", "Carbon-fibre composites", "炭素繊維複合材料", "materials_manufacturing"),
    ("additive_manufacturing", "Additive manufacturing", "積層造形", "materials_manufacturing"),
    ("semiconductor_materials", "Semiconductor materials", "半導体材料", "materials_manufacturing"),
    ("solid_state_batteries", "Solid-state batteries", "全固体電池", "environment_energy"),
    ("hydrogen_ammonia", "Hydrogen and ammonia", "水素・アンモニア", "environment_energy"),
    ("small_modular_reactors", "Small modular reactors", "小型モジュール炉", "environment_energy"),
    ("gene_editing", "Gene editing", "ゲノム編集", "bio_medical"),
    ("synthetic_biology", "Synthetic biology", "合成生物学", "bio_medical"),
    ("satellite_systems", "Satellite systems", "衛星システム", "aerospace_ocean"),
    ("underwater_robotics", "Underwater robotics", "水中ロボット", "aerospace_ocean"),
    ("hypersonics", "Hypersonics", "極超音速", "defence_security"),
)
DDL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def make_config(n_technologies: int = len(TECHNOLOGIES), **changes: object) -> Config:
    """Return the repository's judgements with technologies of our own."""

    def read(name: str) -> dict:
        return plain(load_yaml(ROOT / "config" / name, name))

    lists = {
        path.stem: ReferenceList.model_validate(read(f"reference_lists/{path.name}"))
        for path in sorted((ROOT / "config/reference_lists").glob("*.yaml"))
    }
    config = Config(
        settings=Settings.model_validate(read("settings.yaml")),
        scoring=Scoring.model_validate(read("scoring.yaml")),
        countries=Countries.model_validate(read("countries.yaml")).countries,
        domains={domain.id: domain for domain in Domains.model_validate(read("domains.yaml")).domains},
        caveats={
            "dated": Text(
                en="The measuring window ended more than eight years ago.",
                ja="測定期間の終わりから8年以上が過ぎている。",
            ),
            "no_sampling_interval": Text(
                en="The interval shows rounding of the published figure only.",
                ja="区間は公表値の丸めのみを表す。",
            ),
            "one_office": Text(en="One patent office only.", ja="単一の特許庁の統計に限られる。"),
        },
        sources={},
        sample=None,
        technologies={t.id: t for t in _technologies(n_technologies, lists)},
        reference_lists=lists,
        topics_path=ROOT / "config" / "openalex_topics.csv",
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def _named(index: int) -> tuple[str, str, str, str]:
    if index < len(TECHNOLOGIES):
        return TECHNOLOGIES[index]
    technology_id, name_en, name_ja, domain_id = TECHNOLOGIES[index % len(TECHNOLOGIES)]
    edition = index // len(TECHNOLOGIES) + 1
    return f"{technology_id}_{edition}", f"{name_en} {edition}", f"{name_ja}{edition}", domain_id


def _technologies(count: int, lists: dict[str, ReferenceList]) -> list[Technology]:
    dice, found = random.Random(4), []
    for index in range(count):
        technology_id, name_en, name_ja, domain_id = _named(index)
        links = []
        for list_id, reference_list in lists.items():
            items = [item.id for item in reference_list.items if item.domain == domain_id]
            if items and dice.random() < 0.6:
                links.append(
                    {
                        "list": list_id,
                        "item": dice.choice(items),
                        "relation": dice.choice(["exact", "narrower", "broader", "overlaps"]),
                    }
                )
        found.append(
            Technology.model_validate(
                {
                    "id": technology_id,
                    "name": {"en": name_en, "ja": name_ja},
                    "definition": {
                        "en": (
                            f"{name_en}: methods, materials, devices and systems, from research to"
                            " production, as far as they are specific to this field."
                        ),
                        "ja": f"{name_ja}に固有の手法・材料・装置・システムで、研究から生産までを含む。",
                    },
                    "scope": {"in": [], "out": []},
                    "status": "active",
                    "domain": domain_id,
                    "nomination": {"by": {"en": "proposal", "ja": "提案"}},
                    "crosswalk": links,
                    "history": [
                        {
                            "date": "2026-11-22",
                            "change": {"en": "First definition.", "ja": "初版。"},
                            "why": {"en": "New.", "ja": "新規。"},
                            "by": "listgen",
                        }
                    ],
                }
            )
        )
    return found


def make_world(
    path: Path | str, config: Config, *, all_full: bool = False, is_sample: bool = True
) -> Warehouse:
    """Return a warehouse filled for the technologies of a configuration.

    Args:
        path: The database file, or `:memory:`.
        config: Whose technologies to fill.
        all_full: Give every technology all its evidence; otherwise a few are thin or empty.
        is_sample: Whether the sources call themselves synthetic.
    """
    warehouse = Warehouse(path)
    warehouse.con.execute(DDL)
    Filler(warehouse, config, all_full).fill(is_sample)
    return warehouse
