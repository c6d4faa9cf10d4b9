"""What is kept of compiled functions: numba's cache, for which no trouble with files is an error.

Imports numba, so whoever asks for it has seen that numba is there (`compiled`).
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile


class Kept(FunctionCache):  # type: ignore[misc]
    """The cache of one function."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file: Any = Checked(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever a damaged file makes its reader raise: compile again
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full or read-only disk: not kept then
            super().save_overload(sig, data)


class Checked(IndexDataCacheFile):  # type: ignore[misc]
    """Files with a checksum before what numba puts into them, and in each what it was compiled for.

    The index is written before the file it names: killed between the two, it would name what lay there of
    an installation before, compiled for other kinds of numbers. So would two processes that begin at once.
    """

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        found = super().load(key)
        return found[1] if found is not None and found[0] == key else None

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)
        return hashlib.sha256(data).digest() + data

    def _load_index(self) -> Any:
        try:
            with open(self._index_path, "rb") as file:
                if pickle.load(file) != self._version:
                    return {}
                stamp, overloads = pickle.loads(_checked(file.read()))
        except Exception:  # absent or damaged
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:
            return pickle.loads(_checked(file.read()))


def _checked(data: bytes) -> bytes:
    """What follows a checksum, if it is that of what follows."""
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        raise OSError("damaged")
    return data[32:]
