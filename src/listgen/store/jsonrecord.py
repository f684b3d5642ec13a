"""Whether a JSON record contradicts itself, as an SQL macro.

Reads: nothing.
Writes: nothing.
"""

# A field given twice has two values, and JSON does not say which is meant. At the top every name is compared.
# Inside, the names that decide where a record counts: two in one object have no brace between them, but for
# braces inside strings.
JSON_MACROS = r"""
CREATE OR REPLACE MACRO has_field_twice(json) AS
  coalesce(len(json_keys(json)) > len(list_distinct(json_keys(json))), false)
  OR coalesce(regexp_matches(CAST(json AS VARCHAR),
    '"country_code" ?:(?:"(?:[^"\\]|\\.)*"|[^{}"])*"country_code" ?:'
    '|"code" ?:(?:"(?:[^"\\]|\\.)*"|[^{}"])*"code" ?:'), false);
"""
