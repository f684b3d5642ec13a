"""A few inventions as each provider spells them.

PatentsView tables, PATSTAT tables, Google rows and Lens exports.
"""

import csv
import io
import json
import zipfile

from miniature import held_file

# One invention everybody holds: application published as 2019/0185700, granted as 10815015, priority in
# Japan.
G_TABLES = {
    "g_patent": [
        [
            "patent_id",
            "patent_type",
            "patent_date",
            "patent_title",
            "wipo_kind",
            "num_claims",
            "withdrawn",
            "filename",
        ],
        ["10815015", "utility", "2020-10-27", "A cell", "B2", "9", "0", "a.xml"],
        ["D345393", "design", "1994-03-22", "Hull", "S", "1", "0", "b.xml"],
        ["RE35312", "reissue", "1996-08-13", "Again", "E1", "4", "0", "c.xml"],
        ["10815016", "utility", "2020-10-27", "Alone", "B1", "9", "0", "a.xml"],
        ["H12", "statutory invention registration", "1986-01-07", "Old", "H", "1", "0", "d.xml"],
    ],
    "g_application": [
        [
            "application_id",
            "patent_id",
            "patent_application_type",
            "filing_date",
            "series_code",
            "rule_47_flag",
        ],
        ["16200001", "10815015", "16", "2018-11-26", "16", "0"],
        ["29000001", "D345393", "29", "1074-12-29", "29", "0"],
        ["08500001", "RE35312", "08", "9999-12-31", "08", "0"],
        ["16200002", "10815016", "16", "2018-11-27", "16", "0"],
    ],
    "g_assignee_disambiguated": [
        [
            "patent_id",
            "assignee_sequence",
            "assignee_id",
            "disambig_assignee_organization",
            "assignee_type",
            "location_id",
        ],
        ["10815016", "0", "a", "Firm", "2", "jp1"],
        ["10815016", "1", "b", "Firma", "3", "de1"],
        ["10815016", "2", "c", r"\N", r"\N", r"\N"],
    ],
    "g_inventor_disambiguated": [
        [
            "patent_id",
            "inventor_sequence",
            "inventor_id",
            "disambig_inventor_name_first",
            "disambig_inventor_name_last",
            "location_id",
        ],
        ["10815015", "0", "x", "A", "B", "jp1"],
        ["10815016", "0", "y", 'C "tab\t', "D", "jp1"],
        ["10815016", "1", "z", "E", "F", "de1"],
        ["10815016", "2", "w", "G", "H", "jp1"],
    ],
    "g_location_disambiguated": [
        ["location_id", "disambig_city", "disambig_country"],
        ["jp1", "Sakura", "JP"],
        ["de1", "Lindenstadt", "DE"],
    ],
    "g_cpc_current": [
        ["patent_id", "cpc_sequence", "cpc_group", "cpc_type"],
        ["10815015", "0", "H01M10/0525", "inventional"],
        ["10815016", "0", "H01M10/04", "inventional"],
        ["D345393", "0", "nonsense", "inventional"],
    ],
    "g_us_patent_citation": [
        ["patent_id", "citation_sequence", "citation_patent_id", "citation_date", "wipo_kind"],
        ["10815016", "0", "10815015", "2020-10-01", "B2"],
        ["10815016", "1", "D345393", "1994-03-22", "S"],
    ],
    "g_us_application_citation": [
        ["patent_id", "citation_sequence", "citation_document_number", "citation_date", "wipo_kind"],
        ["10815016", "0", "20210000001", "2021-01-07", "A1"],
        ["10815016", "1", "20030000009", "2003-01-02", "A1"],  # not held
        ["10815016", "2", "2019018", "2019-06-20", "A1"],  # torn
    ],
    "g_foreign_citation": [
        [
            "patent_id",
            "citation_sequence",
            "citation_application_id",
            "citation_date",
            "citation_category",
            "citation_country",
        ],
        ["10815016", "0", "2017-123456", "2017-07-13", "cited by examiner", "JP"],
        ["10815016", "1", "2015/104376", "2015-07-16", "cited by examiner", "WO"],
        ["10815016", "2", "none", "", "", "DE"],
    ],
    "g_other_reference": [
        ["patent_id", "other_reference_sequence", "other_reference_text"],
        [
            "10815016",
            "0",
            'Sato et al., "Work on solid cells and their interfaces", J. Cells, 2022, doi: 10.5555/CELL.1.',
        ],
        ["10815016", "1", "Office action of 2019-01-01"],
        [
            "10815016",
            "2",
            (
                "SUZUKI K ET AL: \u201cInterfaces of solid electrolytes with lithium metal\u201d, J. Cells,"
                " vol. 12 (2020)"
            ),
        ],
        ["10815016", "3", 'Kimura, "A study of cathodes for large solid cells", 2015'],
        ["10815016", "4", 'Honda et al., "A study of anodes for large solid cells," J. Cells 2022'],
        ["10815016", "5", 'Sato et al., "Two papers of the very same name on cells", 2022'],
    ],
    "pg_published_application": [
        [
            "pgpub_id",
            "application_id",
            "filing_date",
            "patent_type",
            "filing_type",
            "published_date",
            "wipo_kind",
            "series_code",
        ],
        ["20190185700", "16200001", "2018-11-26", "utility", "16", "2019-06-20", "A1", "16"],
        ["20210000001", "17300001", "2020-05-01", "utility", "17", "2021-01-07", "A1", "17"],
        ["20190000777", "16200002", "2018-11-27", "utility", "16", "2019-05-01", "A1", "16"],
    ],
    "pg_granted_pgpubs_crosswalk": [
        ["pgpub_id", "patent_id", "application_id"],
        ["20190185700", "10815015", "16200001"],
        ["20210000001", r"\N", "17300001"],
    ],
    "pg_inventor_disambiguated": [
        ["pgpub_id", "inventor_sequence", "location_id"],
        ["20210000001", "0", "kr1"],
    ],
    "pg_assignee_disambiguated": [
        ["pgpub_id", "assignee_sequence", "location_id"],
        ["20210000001", "0", "kr1"],
        ["20210000001", "1", "jp1"],
    ],
    "pg_location_disambiguated": [["location_id", "disambig_country"], ["kr1", "CN"], ["jp1", "JP"]],
    "pg_cpc_current": [["pgpub_id", "cpc_sequence", "cpc_group"], ["20210000001", "0", "G02B6/12"]],
}

GOOGLE = [
    {
        "publication_number": number,
        "family_id": family,
        "priority_date": 20171201,
        "filing_date": filed,
        "publication_date": published,
        "grant_date": granted,
        "inventor_harmonized": [{"name": "A", "country_code": code} for code in inventors],
        "assignee_harmonized": [],
        "priority_claim": [{"application_number": "JP-2017231456-A", "filing_date": 20171201}],
        "cpc": [{"code": "H01M10/0525", "inventive": True, "first": True}],
        "citation": [{"publication_number": "", "npl_text": text} for text in texts],
    }
    for number, family, filed, published, granted, inventors, texts in (
        ("US-10815015-B2", "555", 20181126, 20201027, 20201027, [], []),
        ("JP-2019099999-A", "555", 20171201, 20190620, 0, ["JP", "JP"], ["Tanaka, PMID: 31234567"]),
    )
]

PATSTAT = {
    "tls201_appln": [
        [
            "appln_id",
            "appln_auth",
            "appln_nr",
            "appln_kind",
            "appln_filing_date",
            "earliest_filing_date",
            "earliest_filing_id",
        ]
        + ["docdb_family_id", "inpadoc_family_id", "docdb_family_size", "granted"],
        # A DOCDB family of two (700) and another (701) that INPADOC counts with it; an application without a
        # date; one without a family.
        ["1", "FR", "1", "A", "2019-03-01", "2019-03-01", "1", "700", "9000", "2", "N"],
        ["2", "EP", "2", "A", "2020-02-27", "2019-03-01", "1", "700", "9000", "2", "Y"],
        ["3", "CN", "3", "A", "2020-03-15", "2019-03-01", "1", "701", "9000", "1", "N"],
        ["4", "KR", "4", "A", "9999-12-31", "9999-12-31", "4", "702", "0", "1", "N"],
        ["5", "KR", "5", "A", "1074-01-01", "1074-01-01", "5", "703", "0", "1", "N"],
    ],
    "tls206_person": [
        ["person_id", "person_name", "person_ctry_code", "psn_sector"],
        ["11", "A", "FR", "INDIVIDUAL"],
        ["12", "B", "  ", "INDIVIDUAL"],
        ["13", "C", "DE", "COMPANY"],
    ],
    "tls207_pers_appln": [
        ["person_id", "appln_id", "applt_seq_nr", "invt_seq_nr"],
        ["11", "2", "0", "1"],
        ["12", "2", "0", "2"],
        ["13", "2", "1", "3"],
    ],
    "tls211_pat_publn": [
        [
            "pat_publn_id",
            "publn_auth",
            "publn_nr",
            "publn_kind",
            "appln_id",
            "publn_date",
            "publn_first_grant",
        ],
        ["101", "FR", "3093000", "A1", "1", "2020-09-04", "N"],
        ["102", "EP", "3700001", "A1", "2", "2020-09-02", "0"],
        ["103", "EP", "3700001", "B1", "2", "2022-05-04", "1"],
        ["104", "CN", "111600001", "A", "3", "2020-10-01", "N"],
        ["105", "KR", "20200100001", "A", "4", "2020-11-01", "N"],
        ["106", "US", "10815015", "B2", "0", "9999-12-31", "Y"],
    ],
    "tls212_citation": [
        [
            "pat_publn_id",
            "citn_id",
            "citn_origin",
            "cited_pat_publn_id",
            "cited_appln_id",
            "cited_npl_publn_id",
        ],
        ["102", "1", "SEA", "106", "0", "0"],
        ["102", "2", "SEA", "0", "3", "0"],
        ["102", "3", "SEA", "0", "0", "0a1b"],
    ],
    "tls214_npl_publn": [
        ["npl_publn_id", "npl_biblio"],
        ["0a1b", "DUPONT J: 'Work', 2020, doi:10.5555/fr.2"],
    ],
    "tls224_appln_cpc": [["appln_id", "cpc_class_symbol"], ["1", "H01M  10/0525"], ["3", "G02B   6/12"]],
    "tls228_docdb_fam_citn": [
        ["docdb_family_id", "cited_docdb_family_id"],
        ["700", "701"],
        ["701", "555"],
        ["701", "888"],
    ],
}

LENS = {
    # The same invention by its published application, in the three generations of columns.
    2016: [
        {
            "#": "1",
            "Jurisdiction": "US",
            "Kind": "A1",
            "Publication Number": "US 2019/0185700 A1",
            "Lens ID": "1",
            "Publication Date": "2019-06-20",
            "Publication Year": "2019",
            "Application Date": "2018-11-26",
            "Priority Numbers": "JP 2017231456 A 20171201",
            "Type": "Patent Application",
            "Simple Family Size": "3",
            "CPC Classifications": "H01M10/0525;;H01M10/04",
            "PubMed Id(s)": "31234567",
            "DOI(s)": "10.5555/cell.1;;10.5555/x(1)2",
            "Non-Patent Citations": "A;;B",
        }
    ],
    2017: [
        {
            "number": "1",
            "publication_number": "WO 2018/123456 A1",
            "publication_date": "05/07/18",
            "publication_year": "2018",
            "application_date": "28/12/17",
            "priority_numbers": "EP 16207000 A 20161229;;US 201762500000 P 20170502",
            "type": "Patent Application",
            "simple_family_size": "1",
            "cpc_classifications": "",
        }
    ],
    2026: [
        {
            "#": "1",
            "Display Key": number,
            "Lens ID": str(place),
            "Publication Date": date,
            "Publication Year": date[:4],
            "Application Date": filed,
            "Priority Numbers": "JP 2017231456 A 20171201",
            "Earliest Priority Date": "2017-12-01",
            "Document Type": kind,
            "Simple Family Size": "4",
            "Simple Family Members": members,
            "CPC Classifications": "H01M10/0525",
            "NPL Citation Count": "0",
            "NPL Citations": "",
            "NPL Resolved External ID(s)": "",
        }
        for place, (number, date, filed, kind, members) in enumerate(
            (
                # Of Google's family 555, through a member Google holds.
                (
                    "CN 109860000 A",
                    "2019-06-07",
                    "2018-11-28",
                    "Patent Application",
                    "CN 109860000 A;;US 10815015 B2;;US 2019/0185700 A1;;EP 3490000 A1",
                ),
                # A family nobody else holds.
                (
                    "AU 2018/300001 A1",
                    "2019-06-13",
                    "2018-11-30",
                    "Patent Application",
                    "AU 2018/300001 A1;;WO 2019/110001 A1",
                ),
            )
        )
    ],
}

LENS_JSON = {
    "lens_id": "100-000-000-000-000",
    "jurisdiction": "CA",
    "doc_number": "3028001",
    "kind": "A1",
    "date_published": "2019-06-01",
    "publication_type": "PATENT_APPLICATION",
    "biblio": {
        "application_reference": {"date": "2018-11-30"},
        "priority_claims": {
            "claims": [{"jurisdiction": "GB", "date": "2017-11-30"}],
            "earliest_claim": {"date": "2017-11-30"},
        },
        "parties": {
            "inventors": [{"residence": "CN"}, {"residence": "US"}, {}],
            "applicants": [{"residence": "US"}],
        },
        "classifications_cpc": {"classifications": [{"symbol": "G02B6/12"}]},
        "references_cited": {
            "npl_count": 1,
            "citations": [
                {"patcit": {"document_id": {"jurisdiction": "US", "doc_number": "10815015", "kind": "B2"}}},
                {"nplcit": {"text": "LI: Work", "external_ids": ["10.5555/CELL.1"]}},
            ],
        },
    },
    "families": {
        "simple_family": {
            "size": 1,
            "members": [{"document_id": {"jurisdiction": "CA", "doc_number": "3028001", "kind": "A1"}}],
        }
    },
}


# Works as OpenAlex gives them: (id, DOI, PubMed id, first author, title, year). The first two are of no
# declared technology: such a work is known by its numbers only.
WORKS = [
    (901, "https://doi.org/10.5555/cell.1", None, "Hana Sato", "Another title than the one printed", 2022),
    (902, None, "https://pubmed.ncbi.nlm.nih.gov/31234567", "Ken Tanaka", "Known by its number", 2017),
    (903, None, None, "Kenji Suzuki", "Interfaces of Solid Electrolytes with Lithium-Metal", 2021),
    (904, None, None, "Mai Kimura", "A study of cathodes for large solid cells", 2022),  # seven years away
    (905, None, None, "Aoi Mori", "A study of anodes for large solid cells", 2022),  # somebody else
    (906, None, None, "Hana Sato", "Two papers of the very same name on cells", 2022),
    (907, None, None, "Hana Sato", "Two papers of the very same name on cells.", 2022),
]


def works(folder, source="mini_openalex"):
    """Write the works as JSON lines."""
    path = folder / "works.jsonl"
    lines = [
        {
            "id": f"https://openalex.org/W{number}",
            "doi": doi,
            "ids": {"pmid": pmid} if pmid else {},
            "title": title,
            "type": "article",
            "publication_year": year,
            "cited_by_count": 0,
            "primary_topic": {"id": f"https://openalex.org/{'T10002' if number > 902 else 'T10999'}"},
            "topics": [],
            "authorships": [{"author": {"display_name": author}, "institutions": [], "countries": ["JP"]}],
            "referenced_works": [],
        }
        for number, doi, pmid, author, title, year in WORKS
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return held_file(path, source, "openalex_work")


def quoted(rows, delimiter):
    """Return rows as a provider prints them: every field quoted."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


def zipped(path, *members):
    """Write a ZIP of (name, text or bytes) and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def patentsview(folder, source="mini_patentsview"):
    """Write the PatentsView tables, each a ZIP as delivered."""
    return [
        held_file(
            zipped(folder / f"{name}.tsv.zip", (f"{name}.tsv", quoted(rows, "\t"))),
            source,
            f"patentsview_{name}",
        )
        for name, rows in G_TABLES.items()
    ]


def patstat(folder, source="mini_google"):
    """Write the PATSTAT tables."""
    found = []
    for name, rows in PATSTAT.items():
        path = folder / f"{name}_part01.csv"
        path.write_text(quoted(rows, ","))
        found.append(held_file(path, source, f"patstat_{name}"))
    return found


def google(folder, source="mini_google"):
    """Write the Google rows as JSON lines."""
    path = folder / "google.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in GOOGLE))
    return held_file(path, source, "google_patent")


def lens(folder, source="mini_google", generations=tuple(LENS)):
    """Write Lens exports of these generations of columns, and the JSON lines."""
    found = []
    for year in generations:
        path = folder / f"lens_{year}.csv"
        path.write_text(quoted([list(LENS[year][0]), *[list(row.values()) for row in LENS[year]]], ","))
        found.append(held_file(path, source, "lens_patent"))
    path = folder / "lens.jsonl"
    path.write_text(json.dumps(LENS_JSON) + "\n")
    return [*found, held_file(path, source, "lens_patent_json")]
