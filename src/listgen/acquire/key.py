"""The key a provider gave, read from the environment.

Reads: the environment.
Writes: nothing.
"""

from __future__ import annotations

import os
import re

from listgen.base.errors import UsageError
from listgen.base.text import t

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,512}")


def read_key(variable: str) -> str:
    """Return the key a variable of the environment contains, empty when it is not set.

    Raises:
        UsageError: It is set to something no header can carry; the key itself is not shown.
    """
    key = os.environ.get(variable, "")
    if variable in os.environ and not KEY_PATTERN.fullmatch(key):
        raise UsageError(
            t(
                "The environment variable {variable} is blank or holds characters that cannot be sent.",
                variable=variable,
            ),
            t("Expected the key as the provider gave it, or no such variable at all."),
            t("Set it anew: export {variable}=...", variable=variable),
        )
    return key
