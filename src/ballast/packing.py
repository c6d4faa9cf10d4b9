"""Office files are ZIP archives full of times; saved here, they obey SOURCE_DATE_EPOCH.

save_workbook(book, target)        an openpyxl workbook
save_document(document, target)    a python-docx document
steady(data)                       an archive with the times of its members, and of its docProps, held still

Both say when they were made. Where SOURCE_DATE_EPOCH is not set nothing is packed twice.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from typing import Any, BinaryIO

from ballast import clock

_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(</)")

Target = str | os.PathLike[str] | BinaryIO


def save_workbook(book: Any, target: Target) -> None:
    """Save an openpyxl workbook, its time of making said. `target`: a path or an open binary file."""
    book.properties.created = clock.now().replace(tzinfo=None, microsecond=0)  # openpyxl writes it with a Z
    _save(book, target)


def save_document(document: Any, target: Target) -> None:
    """Save a python-docx document, its time of making said instead of its template's (2013)."""
    moment = clock.now().replace(tzinfo=None, microsecond=0)
    document.core_properties.created = document.core_properties.modified = moment
    _save(document, target)


def _save(made: Any, target: Target) -> None:
    if clock.fixed() is None:
        made.save(os.fspath(target) if isinstance(target, os.PathLike) else target)
        return
    buffer = io.BytesIO()
    made.save(buffer)
    data = steady(buffer.getvalue())
    if isinstance(target, str | os.PathLike):
        with open(target, "wb") as file:
            file.write(data)
    else:
        target.write(data)


def steady(data: bytes) -> bytes:
    """The same archive, every member dated `clock.now()`, docProps too; order and content as they were."""
    said = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == _CORE:
                content = _MOMENT.sub(rb"\g<1>" + said + rb"\g<2>", content)
            info = zipfile.ZipInfo(entry.filename, clock.member())
            info.external_attr, info.create_system = 0o644 << 16, 3  # as on Linux, wherever it runs
            new.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
