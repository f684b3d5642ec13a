"""Names, units and bases of the indicators in the report's test world."""

from __future__ import annotations

COUNTRIES = ("JP", "US", "CN", "KR", "DE", "GB", "FR", "NL", "TW", "IN", "IT", "CA", "AU", "CH", "SE")
UNITS = {
    "s1": "share",
    "s2": "ratio",
    "s3": "log ratio",
    "s4": "share",
    "s5": "share",
    "s6": "index",
    "st": "ratio",
}
SOURCES = {
    "works": "sample_works",
    "families": "sample_families",
    "statistics": "sample_statistics",
    "supply": "sample_supply",
}


DEFINITIONS = {
    "s1_top10_share": ("Share of the world's most cited tenth", "世界の上位10%論文に占める割合"),
    "s2_quality_ratio": ("Citation quality ratio", "被引用の質の比"),
    "s3_log_lead": ("Lead over the best other country", "他国最高値に対する差"),
    "s4_elite_institutions": ("Institutions in the world's top 50", "世界上位50機関に占める割合"),
    "s5_international_family_share": (
        "Share of international patent families",
        "国際特許ファミリーに占める割合",
    ),
    "s6_symmetric_rta": ("Patent specialisation", "特許の特化度"),
    "a1_foreign_dependence": ("Foreign dependence in research", "研究の国外依存度"),
    "a1_foreign_dependence_families": ("Foreign dependence in patents", "特許の国外依存度"),
    "a3_source_concentration": ("Concentration of foreign sources, research", "国外供給元の集中度（研究）"),
    "a3_source_concentration_families": (
        "Concentration of foreign sources, patents",
        "国外供給元の集中度（特許）",
    ),
    "a7_supply_concentration": ("Concentration of supply", "供給の集中度"),
    "a8_import_concentration": ("Concentration of imports", "輸入元の集中度"),
    "a9_import_dependence": ("Dependence of imports", "輸入の依存度"),
    "i7_export_share": ("Share of world exports", "世界輸出シェア"),
    "i8_export_specialisation": ("Export specialisation", "輸出特化度"),
    "i1_inbound_reliance": ("Others' reliance on the country, research", "他国からの依存（研究）"),
    "i1_inbound_reliance_families": ("Others' reliance on the country, patents", "他国からの依存（特許）"),
    "i2_breadth": ("Breadth of reliance, research", "依存の広がり（研究）"),
    "i2_breadth_families": ("Breadth of reliance, patents", "依存の広がり（特許）"),
    "i3_removal_impact": ("Impact of removal, research", "失われた場合の影響（研究）"),
    "i3_removal_impact_families": ("Impact of removal, patents", "失われた場合の影響（特許）"),
    "i6_supply_share": ("Share of supply", "供給の割合"),
    "st_share": ("Share in published statistics", "公表統計における割合"),
    "st_lead": ("Lead in published statistics", "公表統計における差"),
    "st_rta": ("Specialisation in published statistics", "公表統計における特化度"),
    "st_quality": ("Quality in published statistics", "公表統計における質"),
    "st_momentum": ("Momentum of the share", "割合の勢い"),
}


def basis_of(indicator_id: str) -> str:
    """Return which evidence an indicator rests on."""
    if indicator_id.startswith("st_"):
        return "statistics"
    if "supply" in indicator_id:
        return "supply"
    if "import" in indicator_id or "export" in indicator_id:
        return "trade"
    return "families" if indicator_id.endswith("_families") or indicator_id[:2] in ("s5", "s6") else "works"


def unit_of(indicator_id: str) -> str:
    """Return the unit of an indicator."""
    if indicator_id in ("st_share", "i6_supply_share"):
        return "share"
    if indicator_id == "st_lead":
        return "log ratio"
    if indicator_id == "st_momentum":
        return "log per year"
    return UNITS.get(indicator_id[:2], "index" if "concentration" in indicator_id else "share")
