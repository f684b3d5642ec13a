"""The facts of the generated sample world: its countries, and what is true of each technology in it.

All shares are per mille; what a profile does not name is spread over the other countries by their base
weight. None of this is evidence about the real world.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FOCAL = "JP"


@dataclass(frozen=True)
class SampleCountry:
    """A country of the sample world.

    Attributes:
        research: Base weight in works.
        invention: Base weight in patent families.
        institutions: Number of its institutions.
        abroad: Share (per mille) of its families that are filed internationally.
        office: Office its inventors file at first.
        adjective: Word its institutions carry.
        city: A place for inventors.
        table_name: Its name as the sample's published table prints it.
    """

    code: str
    research: int
    invention: int
    institutions: int
    abroad: int
    office: str
    adjective: str
    city: str
    table_name: str


COUNTRIES = (
    SampleCountry("JP", 70, 200, 32, 480, "JP", "Japanese", "Tsukuba", "Japan"),
    SampleCountry("US", 210, 230, 60, 500, "US", "American", "Boulder", "United States"),
    SampleCountry("CN", 300, 220, 60, 130, "CN", "Chinese", "Hefei", "China<sup>a</sup>"),
    SampleCountry("KR", 55, 110, 24, 480, "KR", "Korean", "Daejeon", "Korea, South"),
    SampleCountry("DE", 65, 90, 32, 720, "DE", "German", "Aachen", "Germany"),
    SampleCountry("GB", 60, 25, 32, 700, "GB", "British", "Bristol", "United Kingdom"),
    SampleCountry("FR", 40, 30, 24, 700, "FR", "French", "Grenoble", "France"),
    SampleCountry("NL", 20, 15, 14, 760, "EP", "Dutch", "Delft", "Netherlands"),
    SampleCountry("TW", 20, 35, 12, 420, "TW", "Taiwanese", "Hsinchu", "Taiwan"),
    SampleCountry("IN", 60, 12, 30, 350, "IN", "Indian", "Bengaluru", "India"),
    SampleCountry("IT", 40, 15, 24, 640, "EP", "Italian", "Turin", "Italy"),
    SampleCountry("CA", 35, 12, 20, 640, "CA", "Canadian", "Waterloo", "Canada"),
    SampleCountry("AU", 30, 6, 20, 640, "AU", "Australian", "Adelaide", "Australia"),
    SampleCountry("CH", 20, 12, 12, 760, "EP", "Swiss", "Lausanne", "Switzerland"),
    SampleCountry("SE", 15, 12, 12, 740, "EP", "Swedish", "Lund", "Sweden"),
)
CODES = tuple(country.code for country in COUNTRIES)
RESEARCH = {country.code: country.research for country in COUNTRIES}
INVENTION = {country.code: country.invention for country in COUNTRIES}

Shares = Mapping[str, int]


@dataclass(frozen=True)
class Dependence:
    """One country's references go almost wholly to one other country, in works and in families."""

    country: str
    source: str
    home: int = 25
    towards: int = 945


@dataclass(frozen=True)
class Profile:
    """What is true of one technology (or other area) in the sample world.

    Attributes:
        works: Works in the five newest years and in the five before, in a world of 50,000.
        top: Shares of the top 10 % of its works.
        families: Patent families in a world of 20,000 publications.
        ordinary: Shares of its other works; halfway between the top and the base if not given.
        inventors: Shares of its families; halfway between the top and the base if not given.
        influence: How much of the foreign references each country draws; from the shares if not given.
        heads: Institutions that carry the top works, by country: (how many, share of the country's credit per
            mille).
        hot: How many of its works are in the provider's field-wide top 10 %, against the average of 1000.
        fixed: The size does not grow with the size of the world.
        growth: Yearly growth (per mille) inside each five years.
    """

    works: tuple[int, int]
    top: Shares
    families: int = 190
    ordinary: Shares | None = None
    inventors: Shares | None = None
    influence: Shares | None = None
    heads: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dependence: Dependence | None = None
    hot: int = 1000
    fixed: bool = False
    growth: int = 1060
    planted: bool = False


EMERGING, BACKGROUND = "emerging", "background"
THIN = "adversarial_ai"
WORLD_WORKS, WORLD_PUBLICATIONS = 50_000, 20_000

PLANTED = {
    # High monopoly class: one country carries nearly all of the ten best institutions and more than three
    # times the second.
    "machine_learning": Profile(
        (3400, 1400),
        {"CN": 560, "US": 80},
        families=520,
        ordinary={"CN": 420, "US": 150},
        inventors={"CN": 380, "US": 260, "JP": 90, "KR": 80},
        heads={"CN": (9, 640)},
        planted=True,
    ),
    # Low class: two countries nearly level.
    "advanced_integrated_circuits": Profile(
        (3400, 1400),
        {"US": 270, "CN": 225, "KR": 110, "TW": 90, "JP": 70},
        families=520,
        inventors={"US": 270, "CN": 170, "KR": 170, "TW": 140, "JP": 130},
        heads={"US": (4, 560), "CN": (4, 600), "KR": (1, 330), "TW": (1, 400)},
        planted=True,
    ),
    # Medium class: the ratio stands in the (geometric) middle between 2 and 3, six of ten institutions.
    "quantum_communication": Profile(
        (4000, 1200),
        {"CN": 400, "US": 152, "DE": 75, "GB": 70, "JP": 60},
        families=480,
        inventors={"CN": 330, "US": 180, "JP": 130, "KR": 90},
        heads={"CN": (6, 640), "US": (2, 560), "DE": (1, 440), "GB": (1, 440)},
        planted=True,
    ),
    # The focal country is superior, and the others build on it.
    "semiconductor_materials": Profile(
        (3400, 1400),
        {"JP": 400, "CN": 170, "US": 150, "KR": 90},
        families=640,
        ordinary={"JP": 290, "CN": 240, "US": 150, "KR": 80},
        inventors={"JP": 430, "US": 150, "CN": 140, "KR": 110},
        influence={"JP": 500, "US": 160, "CN": 120, "KR": 70},
        hot=1150,
        planted=True,
    ),
    # The focal country builds almost wholly on one other country.
    "hydrogen_ammonia": Profile(
        (3400, 1400),
        {"DE": 250, "CN": 230, "US": 140, "JP": 60},
        families=520,
        ordinary={"DE": 190, "CN": 260, "US": 140, "JP": 90},
        inventors={"DE": 280, "CN": 170, "US": 160, "JP": 130},
        dependence=Dependence("JP", "DE"),
        planted=True,
    ),
    # Too thin to judge.
    THIN: Profile((200, 70), {"US": 300, "CN": 250}, families=14, fixed=True, planted=True),
}

OTHERS = {
    "natural_language_processing": Profile(
        (1200, 800), {"US": 260, "CN": 240, "GB": 80, "JP": 45}, families=260
    ),
    "high_performance_computing": Profile(
        (760, 540), {"US": 240, "CN": 200, "JP": 150, "DE": 80}, families=220
    ),
    "autonomous_robotics": Profile(
        (900, 600),
        {"CN": 260, "US": 190, "JP": 110, "DE": 90},
        families=320,
        inventors={"JP": 260, "CN": 200, "US": 190, "DE": 110},
    ),
    "quantum_computing": Profile(
        (880, 520), {"US": 300, "CN": 200, "DE": 80, "JP": 60}, families=180, growth=1150
    ),
    "quantum_sensing": Profile((480, 320), {"CN": 240, "US": 220, "DE": 120, "JP": 85}, families=110),
    "post_quantum_cryptography": Profile(
        (430, 270), {"CN": 190, "US": 180, "DE": 100, "FR": 90, "JP": 55}, families=90
    ),
    "sixth_generation_wireless": Profile(
        (850, 450),
        {"CN": 380, "US": 110, "KR": 100, "JP": 50},
        families=380,
        inventors={"CN": 330, "KR": 190, "US": 180, "JP": 110},
        growth=1200,
    ),
    "optical_communication": Profile(
        (580, 420),
        {"CN": 380, "US": 110, "JP": 120},
        families=240,
        inventors={"CN": 250, "JP": 260, "US": 200},
    ),
    "power_semiconductors": Profile(
        (660, 440),
        {"CN": 250, "JP": 220, "US": 150, "DE": 90},
        families=330,
        inventors={"JP": 380, "CN": 180, "US": 130, "DE": 110},
        hot=1100,
    ),
    "advanced_magnets": Profile(
        (420, 280), {"CN": 320, "JP": 240, "DE": 90}, families=150, inventors={"JP": 420, "CN": 230, "DE": 90}
    ),
    "carbon_fibre_composites": Profile(
        (530, 370),
        {"CN": 280, "JP": 180, "US": 130},
        families=200,
        inventors={"JP": 400, "US": 150, "CN": 150, "DE": 90},
    ),
    "additive_manufacturing": Profile(
        (830, 570),
        {"CN": 240, "US": 220, "DE": 120, "JP": 35},
        families=280,
        inventors={"US": 300, "DE": 180, "CN": 180, "JP": 70},
    ),
    "solid_state_batteries": Profile(
        (950, 550),
        {"CN": 350, "US": 140, "JP": 160, "KR": 120},
        families=380,
        inventors={"JP": 430, "KR": 190, "CN": 160, "US": 100},
        growth=1150,
    ),
    "small_modular_reactors": Profile(
        (420, 280),
        {"US": 250, "CN": 220, "KR": 120, "FR": 90, "JP": 60},
        families=110,
        dependence=Dependence("JP", "US", 150, 560),
    ),
    "gene_editing": Profile(
        (780, 520),
        {"US": 350, "CN": 250, "GB": 70, "JP": 45},
        families=210,
        inventors={"US": 480, "CN": 170, "JP": 60},
        hot=1200,
        dependence=Dependence("JP", "US", 100, 640),
    ),
    "synthetic_biology": Profile(
        (600, 400),
        {"US": 330, "CN": 210, "GB": 90, "DE": 70, "JP": 40},
        families=150,
        inventors={"US": 420, "JP": 80},
    ),
    "satellite_systems": Profile((580, 420), {"CN": 270, "US": 250, "IT": 60, "JP": 55}, families=170),
    "underwater_robotics": Profile(
        (420, 280), {"CN": 420, "US": 110, "JP": 60}, families=90, inventors={"CN": 420, "US": 140, "JP": 110}
    ),
}

# The area no technology covers: it only begins to matter, and doubles every other year.
OUTSIDE = {
    EMERGING: Profile(
        (2000, 250), {"US": 260, "CN": 260, "JP": 60, "DE": 80}, families=150, growth=1450, hot=1300
    ),
    BACKGROUND: Profile((1500, 1250), {}, families=2150, ordinary={}, inventors={}),
}

PROFILES = PLANTED | OTHERS | OUTSIDE
