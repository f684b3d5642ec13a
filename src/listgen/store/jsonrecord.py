"""Whether a JSON record contradicts itself, as an SQL macro.

Reads: nothing.
Writes: nothing.
"""

# A field given twice has two values, and JSON does not say which is meant. The macro takes the names of every
# object that a reader uses, a list for each (`json_keys`), and gives the first name that an object has twice.
JSON_MACROS = r"""
CREATE OR REPLACE MACRO field_twice(names_of_objects) AS
  CASE WHEN len(list_filter(names_of_objects, lambda names: len(names) > len(list_distinct(names)))) > 0
    THEN flatten([list_filter(names, lambda name, place: list_position(names, name) < place)
      FOR names IN names_of_objects IF len(names) > 0])[1] END;
"""
