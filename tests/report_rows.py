"""The invented rows of the report's test world: a handful of each table, figures from a seeded generator."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
from report_measures import COUNTRIES, DEFINITIONS, SOURCES, basis_of, unit_of

from listgen.config.loader import Config
from listgen.store.warehouse import Warehouse

STAGE = Path(__file__).resolve().parents[1] / "src" / "listgen" / "stage" / "core"


def choose_supply(warehouse):
    """Choose the source and year of each commodity again, as the stage does, from the rows of core.supply."""
    warehouse.con.execute("DROP TABLE IF EXISTS core.supply_position")
    warehouse.con.execute((STAGE / "supply_position.sql").read_text(encoding="utf-8"))


class Filler:
    """Writes the tables of one world."""

    def __init__(self, warehouse: Warehouse, config: Config, all_full: bool) -> None:
        self.warehouse, self.config, self.all_full = warehouse, config, all_full
        self.rows: dict[str, list[tuple]] = {}
        self.dice = random.Random(20250701)
        self.ids = sorted(config.technologies)

    def insert(self, table: str, rows: list[tuple]) -> None:
        self.rows.setdefault(table, []).extend(rows)

    def flush(self) -> None:
        """Write all rows, a table at a time."""
        for table, rows in self.rows.items():
            names = [row[0] for row in self.warehouse.con.execute(f"DESCRIBE {table}").fetchall()]
            self.warehouse.write(
                table, pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
            )

    def kind(self, technology_id: str) -> str:
        if self.all_full:
            return "full"
        if technology_id[-1].isdigit():
            return "empty"  # the copies beyond the 25 named ones
        return {"hypersonics": "empty", "adversarial_ai": "thin", "small_modular_reactors": "statistics"}.get(
            technology_id, "full"
        )

    def fill(self, is_sample: bool) -> None:
        self.sources(is_sample)
        self.insert(
            "core.technology",
            [
                (i, t.name.en, t.name.ja, t.domain, t.status)
                for i, t in sorted(self.config.technologies.items())
            ],
        )
        self.insert("ind.definition", [self.definition(i) for i in sorted(DEFINITIONS)])
        axes = {technology_id: self.assess(technology_id) for technology_id in self.ids}
        self.ranks(axes)
        self.clusters(axes)
        for technology_id in self.ids:
            self.judge(technology_id, axes[technology_id])
        self.core()
        self.checks()
        self.flush()
        self.warehouse.con.execute((STAGE / "series_choice.sql").read_text(encoding="utf-8"))
        choose_supply(self.warehouse)

    def definition(self, indicator_id: str) -> tuple:
        en, ja = DEFINITIONS[indicator_id]
        interval = "half_unit" if basis_of(indicator_id) in ("statistics", "supply") else "wilson"
        caveats = ["no_sampling_interval"] if interval == "half_unit" else []
        return (
            indicator_id,
            en,
            ja,
            f"{en}, summed over the window.",
            f"{ja}。期間内の合計による。",
            unit_of(indicator_id),
            basis_of(indicator_id),
            "fractional",
            interval,
            caveats,
            ["Waltman & Schreiber 2013"],
        )

    def sources(self, is_sample: bool) -> None:
        grades = {"works": "records", "families": "records", "statistics": "statistics", "supply": "supply"}
        for basis, source_id in SOURCES.items():
            row = (
                source_id,
                f"Sample world: {basis}",
                f"サンプル世界：{basis}",
                "listgen",
                grades[basis],
                "Everything in the generated world.",
                "生成した世界の全件。",
                is_sample,
                True,
                True,
                False,
                "CC0-1.0",
                "A",
                "No rights reserved.",
                "権利を主張しない。",
                f"listgen sample, {basis}, seed 20250701",
                "",
                "2025-07-01",
            )
            self.insert("core.source", [row])
            self.insert(
                "core.raw_file",
                [(f"{basis:0<64}", source_id, f"{basis}/part_0000.gz", basis, 1000, "2025-07-01")],
            )
        self.insert(
            "core.period",
            [
                ("works", 2019, 2023),
                ("works_previous", 2014, 2018),
                ("families", 2018, 2022),
                ("families_previous", 2013, 2017),
                ("statistics", 2019, 2023),
            ],
        )

    def measured(self, indicator_id: str) -> tuple[float, float, float]:
        """Return an invented value with its interval in the indicator's own range."""
        unit = unit_of(indicator_id)
        low, high = {
            "share": (0.02, 0.45),
            "ratio": (0.3, 2.4),
            "log ratio": (-2.5, 1.2),
            "index": (0.05, 0.9),
            "log per year": (-0.1, 0.1),
        }[unit]
        value = self.dice.uniform(low, high)
        half = (high - low) * self.dice.uniform(0.01, 0.08)
        return value, value - half, value + half

    def assess(self, technology_id: str) -> dict[str, tuple | None]:
        """Write the indicators and axes of a technology; return its axis values."""
        kind, found = self.kind(technology_id), {}
        for axis_id, axis in self.config.scoring.axes.items():
            scores: list[tuple[float, float]] = []
            for branch, tree in axis.branches.items():
                total = sum(group.importance for group in tree.groups.values())
                for group_id, group in tree.groups.items():
                    for indicator_id, setting in group.indicators.items():
                        importance = (
                            group.importance
                            / total
                            * setting.importance
                            / sum(s.importance for s in group.indicators.values())
                        )
                        score = self.indicator(
                            technology_id, axis_id, group_id, branch, indicator_id, importance, kind
                        )
                        if score is not None and branch == (
                            "statistics" if kind == "statistics" else "records"
                        ):
                            scores.append((score, importance))
            found[axis_id] = self.axis(technology_id, axis_id, kind, scores)
        return found

    def indicator(
        self,
        technology_id: str,
        axis_id: str,
        group_id: str,
        branch: str,
        indicator_id: str,
        importance: float,
        kind: str,
    ) -> float | None:
        basis = basis_of(indicator_id)
        status = "ok"
        if kind == "empty" or basis == "trade" or (kind == "statistics") != (basis == "statistics"):
            status = "missing"
        elif kind == "thin":
            status = "too_few" if basis == "works" else "low_coverage"
        elif basis == "supply" and self.dice.random() < 0.5 and not self.all_full:
            status = "not_applicable"
        if self.all_full and kind == "full":
            status = "ok"
        grade = {"works": "records", "families": "records"}.get(basis, basis)
        n = (
            None
            if status in ("missing", "not_applicable")
            else (self.dice.randint(4, 28) if status != "ok" else self.dice.randint(120, 4200))
        )
        value = lo = hi = None
        if status == "ok":
            value, lo, hi = self.measured(indicator_id)
        row = (
            indicator_id,
            technology_id,
            "JP",
            basis,
            grade,
            2019,
            2023,
            value,
            lo,
            hi,
            n,
            None if n is None else n // 7,
            status,
        )
        self.insert("ind.value", [row])
        if indicator_id in ("s1_top10_share", "st_share") and status == "ok":
            shares = sorted((self.dice.uniform(0.01, 0.3) for _ in COUNTRIES[1:]), reverse=True)
            others = [
                (
                    indicator_id,
                    technology_id,
                    c,
                    basis,
                    grade,
                    2019,
                    2023,
                    s,
                    s * 0.9,
                    s * 1.1,
                    n,
                    int(s * (n or 0)),
                    "ok",
                )
                for c, s in zip(COUNTRIES[1:], shares, strict=True)
            ]
            self.insert("ind.value", others)
        score = None if value is None else self.dice.uniform(5, 95)
        bounds = (None, None) if score is None else (max(0.0, score - 6), min(100.0, score + 6))
        self.insert(
            "score.normalised",
            [
                (
                    technology_id,
                    axis_id,
                    group_id,
                    branch,
                    indicator_id,
                    "JP",
                    value,
                    lo,
                    hi,
                    score,
                    *bounds,
                    importance,
                    basis != "trade" and self.dice.random() < 0.05,
                    status,
                )
            ],
        )
        return score

    def axis(
        self, technology_id: str, axis_id: str, kind: str, scores: list[tuple[float, float]]
    ) -> tuple | None:
        coverage = round(sum(importance for _, importance in scores), 6)
        if coverage < 0.6:
            reason = {
                "empty": "no_evidence",
                "thin": "too_few",
                "statistics": "no_evidence" if not scores else "partial",
            }.get(kind, "partial")
            self.insert(
                "score.technology",
                [(technology_id, axis_id, None, None, None, coverage, None, "insufficient_evidence", reason)],
            )
            return None
        value = sum(score * importance for score, importance in scores) / coverage
        if technology_id == "semiconductor_materials":
            value = {"superiority": 68.2, "indispensability": 74.5, "autonomy": 66.0}[axis_id]
        if technology_id == "hydrogen_ammonia":
            value = {"superiority": 31.0, "indispensability": 22.0, "autonomy": 24.5}[axis_id]
        if technology_id == "machine_learning":
            value = {"superiority": 36.0, "indispensability": 30.5, "autonomy": 40.5}[axis_id]
        half = self.dice.uniform(2, 9)
        row = (
            technology_id,
            axis_id,
            value,
            max(0.0, value - half),
            min(100.0, value + half),
            min(coverage, 1.0),
            "statistics" if kind == "statistics" else "records",
            "ok",
            None,
        )
        self.insert("score.technology", [row])
        return row[2:5]

    def ranks(self, axes: dict[str, dict[str, tuple | None]]) -> None:
        for axis_id in self.config.scoring.axes:
            order = sorted((i for i in self.ids if axes[i][axis_id]), key=lambda i: -axes[i][axis_id][0])
            rows = [
                (i, axis_id, max(1, n - 2), n, min(len(order), n + 3), len(order))
                for n, i in enumerate(order, 1)
            ]
            self.insert("score.rank_range", rows)

    def clusters(self, axes: dict[str, dict[str, tuple | None]]) -> None:
        full = [i for i in self.ids if all(axes[i].values())]
        groups: dict[int, list[str]] = {}
        for technology_id in self.ids:
            if technology_id not in full:
                self.insert("cluster.member", [(technology_id, None, None, "unclustered", "missing_feature")])
                continue
            number = (
                1 + (axes[technology_id]["superiority"][0] > 50) + (axes[technology_id]["autonomy"][0] > 55)
            )
            groups.setdefault(number, []).append(technology_id)
            self.insert(
                "cluster.member",
                [(technology_id, number, round(self.dice.uniform(0.5, 1), 3), "clustered", None)],
            )
        words = {
            1: ("Autonomy low, superiority low", "自律性低・優位性低"),
            2: ("Superiority middle", "優位性中"),
            3: ("Autonomy high, superiority high", "自律性高・優位性高"),
        }
        for number, members in sorted(groups.items()):
            centre = [
                sum(axes[i][axis][0] for i in members) / len(members)
                for axis in ("autonomy", "superiority", "indispensability")
            ]
            self.insert("cluster.label", [(number, *words[number], len(members), 0.81, *centre)])

    def condition_inputs(self, condition, known: tuple | None) -> dict:
        """Return what a condition was judged on, as the step of the list writes it."""
        bar = {"min": condition.min} if condition.min is not None else {"max": condition.max}
        if known is None:
            axis = dict.fromkeys(("value", "lo", "hi", "grade")) | {
                "coverage": 0.0,
                "status": "insufficient_evidence",
            }
            return {"axis": condition.axis} | bar | axis | {"reason": "no_evidence", "known": []}
        axis = dict(zip(("value", "lo", "hi"), known[:3], strict=True)) | {
            "coverage": 1.0,
            "grade": "records",
            "status": "ok",
        }
        return {"axis": condition.axis} | bar | axis | {"p": self.chance(known, condition.min, condition.max)}

    def judge(self, technology_id: str, axes: dict[str, tuple | None]) -> None:
        """Write the rules' outcome, the candidate row and the monopoly risk."""
        best: tuple[float, str] | None = None
        n_judged = 0
        for rule_id, rule in self.config.scoring.rules.items():
            evaluable = all(axes[c.axis] for c in rule.all)
            p, inputs = None, []
            parts_en, parts_ja = [], []
            for condition in rule.all:
                name, bar = (
                    self.config.scoring.axes[condition.axis].name,
                    condition.min if condition.min is not None else condition.max,
                )
                known = axes[condition.axis]
                inputs.append(self.condition_inputs(condition, known))
                if not known:
                    parts_en.append(f"{name.en} has no score: too few items to measure.")
                    parts_ja.append(f"{name.ja}は得点なし：件数が少なく測定できない。")
                    continue
                mine = self.chance(known, condition.min, condition.max)
                p = mine if p is None else min(p, mine)
                word = "reaches the bar of" if condition.min is not None else "is at or below"
                parts_en.append(
                    f"{name.en} {known[0]:.1f} ({known[1]:.1f}–{known[2]:.1f}) {word} {bar:.0f} in"
                    f" {mine * 100:.0f} % of recalculations."
                )
                parts_ja.append(
                    f"{name.ja}{known[0]:.1f}（{known[1]:.1f}～{known[2]:.1f}）が基準{bar:.0f}"
                    f"を満たすのは再計算の{mine * 100:.0f}%。"
                )
            p = p if evaluable else None
            met = p is not None and p >= 0.5
            row = (
                technology_id,
                rule_id,
                p,
                None if p is None else 100 * (p - 0.5),
                evaluable,
                met,
                json.dumps({"conditions": inputs, "needed": 0.5}),
                " ".join(parts_en),
                "".join(parts_ja),
            )
            self.insert("list.reason", [row])
            n_judged += evaluable
            if p is not None and (best is None or p > best[0]):
                best = (p, rule_id)
        n_rules = len(self.config.scoring.rules)
        status = (
            "insufficient_evidence"
            if best is None
            else "listed"
            if best[0] >= 0.5
            else "near_miss"
            if best[0] >= 0.2
            else "not_listed"
            if n_judged == n_rules
            else "partly_judged"
        )
        caveats = {"statistics": ["no_sampling_interval", "one_office"]}.get(self.kind(technology_id), [])
        front = None if best is None else self.dice.randint(1, 5)
        self.insert(
            "list.candidate",
            [(technology_id, status, n_judged, n_rules, front, best and best[1], best and best[0], caveats)],
        )
        kind = self.kind(technology_id)
        if kind != "full":
            status, n = ("too_few", 12) if kind == "thin" else ("missing", None)
            self.insert(
                "score.monopoly_risk", [(technology_id, *[None] * 6, None, None, None, None, n, status)]
            )
            return
        high = self.dice.random() * 0.8
        p_high, p_medium = high, (1 - high) * 0.6
        risk = "high" if p_high > 0.5 else "medium" if p_medium > 0.3 else "low"
        row = (
            technology_id,
            self.dice.choice(["CN", "US"]),
            "KR",
            self.dice.randint(2, 9),
            2.35,
            2.1,
            2.62,
            risk,
            p_high,
            p_medium,
            1 - p_high - p_medium,
            412,
            "ok",
        )
        self.insert("score.monopoly_risk", [row])

    @staticmethod
    def chance(known: tuple, low: float | None, high: float | None) -> float:
        width = max(known[2] - known[1], 1e-6)
        p = (known[2] - low) / width if low is not None else ((high or 0) - known[1]) / width
        return round(min(1.0, max(0.0, p)), 3)

    def core(self) -> None:
        """Write a few items for the figures of the coverage section."""
        for index, technology_id in enumerate(self.ids):
            kind = self.kind(technology_id)
            if kind in ("full", "thin"):
                self.insert("core.work", [(index, "sample_works", 2020, True, index == 3)])
                self.insert("core.technology_work", [(technology_id, index, 2020, True, 0.5)])
                self.insert("core.authorship", [(index, 1, 1, "JP", 0.75), (index, 2, None, None, 0.25)])
                self.insert("core.patent_family", [(f"F{index}", "docdb", "sample_families", True)])
                self.insert(
                    "core.patent_publication",
                    [
                        (f"JP-{index}-B1", f"F{index}", "JP", True, None),
                        (f"US-{index}-B2", f"F{index}", "US", True, None),
                    ],
                )
                self.insert(
                    "core.patent_family_country", [(f"F{index}", "inventor", "JP", 1)] if index % 5 else []
                )
                self.insert("core.technology_family", [(technology_id, f"F{index}", 2020, True, True)])
                self.insert(
                    "core.reference_coverage",
                    [
                        (
                            technology_id,
                            "works",
                            1000,
                            640 if kind == "full" else 300,
                            0.64 if kind == "full" else 0.3,
                        ),
                        (technology_id, "families", 200, 110, 0.55),
                    ],
                )
            self.insert("core.technology_series", [(technology_id, "sample_statistics:all", "exact")])
            self.insert("core.technology_commodity", [(technology_id, "gallium", "refined", 1.0)])
            for basis in ("works", "families", "statistics", "supply"):
                n = 3200 if kind == "full" else 12 if kind == "thin" and basis == "works" else 0
                self.insert("core.technology_evidence", [(technology_id, basis, n, n)])
        self.series()
        self.insert(
            "core.supply", [("gallium", "refined", "CN", 2023, 1, 90.0, "t", "sample_supply", "d", 1)]
        )

    def series(self) -> None:
        """Write one series of the technologies and one of a broader field, where JP has 600 of 4000."""
        for name, title in (
            ("all", ("All fields", "全分野")),
            ("broad", ("Energy as a whole", "エネルギー全般")),
        ):
            series_id = f"sample_statistics:{name}"
            self.insert(
                "core.statistic_series",
                [
                    (
                        series_id,
                        "sample_statistics",
                        *title,
                        "count",
                        "articles",
                        "fractional",
                        None,
                        False,
                        2019,
                        2023,
                        1,
                        2019,
                        2023,
                    )
                ],
            )
            figures = [
                (series_id, area, year, n)
                for year in range(2019, 2024)
                for area, n in (("JP", 120.0), ("WORLD", 800.0))
            ]
            self.insert("core.statistic", figures)
        for technology_id in ("hypersonics", "small_modular_reactors"):
            if technology_id in self.ids:
                self.insert("core.technology_series", [(technology_id, "sample_statistics:broad", "broader")])

    def checks(self) -> None:
        def both(en: str, ja: str) -> str:
            return json.dumps({"en": en, "ja": ja}, ensure_ascii=False)

        why = both("Every work has an id.", "すべての文献に識別子がある。")
        rows = [
            (
                "core",
                "core.work",
                f"work_rule_{n:02d}",
                "expect_column_values_to_not_be_null",
                "critical",
                "passed",
                0,
                "[]",
                "{}",
                why,
            )
            for n in range(6)
        ]
        keys, found = (
            '[{"work_id": 17}, {"work_id": 42}]',
            both("work 17: half of the credit has no country", "文献17：貢献の半分の国が不明"),
        )
        why = both(
            "Where more than 5 % of the credit has no country, shares are too low.",
            "国の不明な貢献が5%を超えると割合が過小になる。",
        )
        rows.append(
            (
                "core",
                "core.authorship",
                "known_country_share",
                "unexpected_rows_expectation",
                "warning",
                "failed",
                2,
                keys,
                found,
                why,
            )
        )
        why = both("Shares lie in 0 to 1.", "割合は0から1の間にある。")
        rows.append(
            (
                "ind",
                "ind.value",
                "share_in_range",
                "expect_column_values_to_be_between",
                "critical",
                "passed",
                0,
                "[]",
                "{}",
                why,
            )
        )
        self.insert('prov."check"', rows)
        self.insert(
            "prov.quarantine",
            [
                (
                    "sample_works",
                    "w" * 64,
                    "works/part_0000.gz",
                    line,
                    "publication_year",
                    "year 2999 is not possible",
                    '{"id": …',
                )
                for line in (17, 203)
            ],
        )
