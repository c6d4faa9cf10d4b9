"""What time it is, asked in one place, so that SOURCE_DATE_EPOCH can hold it still.

    now()      the time in UTC; the one that SOURCE_DATE_EPOCH names, where it is set
    today()    the day here; of that time in UTC, where it is set
    fixed()    that time, or None: a duration that was measured is left out of a file where it is not None
    member()   the time as a ZIP archive can say it
    seconds()  the real time since 1970, to tell how old a file is: it goes into no file

SOURCE_DATE_EPOCH is what builds that can be repeated go by (https://reproducible-builds.org/specs/source-date-epoch/):
whole seconds since 1970 in UTC. With it, the same job gives the same bytes, whenever and wherever it runs.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time

from ballast.errors import InputError

VARIABLE = "SOURCE_DATE_EPOCH"
_LAST = 253402300799  # the last second of the year 9999, the last that a date can say
_FIRST_MEMBER, _LAST_MEMBER = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


def fixed() -> dt.datetime | None:
    """The time that SOURCE_DATE_EPOCH names; None where it is not set. InputError where it is no time."""
    said = os.environ.get(VARIABLE)
    if said is None:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", said) or int(said) > _LAST:
        raise InputError(
            f"{VARIABLE}={said[:40]!r} in the environment is not a time: it is the number of whole seconds "
            f"since 1970-01-01 UTC, such as 1650000000, and at most {_LAST}. Correct it, or unset it."
        )
    return dt.datetime.fromtimestamp(int(said), dt.UTC)


def now() -> dt.datetime:
    """The time in UTC, with its zone."""
    return fixed() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The day here, or the one that SOURCE_DATE_EPOCH names in UTC."""
    held = fixed()
    return dt.date.today() if held is None else held.date()


def seconds() -> float:
    """Real seconds since 1970, whatever is held still: file systems say the age of a file in them."""
    return time.time()


def member() -> tuple[int, int, int, int, int, int]:
    """`now()` for a member of a ZIP archive: year to second, even seconds, from 1980 to 2107."""
    t = now()
    said = (t.year, t.month, t.day, t.hour, t.minute, t.second - t.second % 2)
    return max(_FIRST_MEMBER, min(_LAST_MEMBER, said))
