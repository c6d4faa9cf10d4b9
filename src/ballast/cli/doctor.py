"""ballast doctor."""

from __future__ import annotations

from ballast.cli.console import Json, Reply, terminal_lang
from ballast.text import Text

_MARKS = {"ok": Text("ok", "正常"), "note": Text("note", "提示"), "error": Text("ERROR", "错误")}


def doctor(json: Json = False) -> Reply:
    """Say what is installed and whether it works here.

    Versions, where compiled functions are kept, threads, locale, fonts, folders, and a small run. Exit code
    1 when something keeps commands from working.
    """
    from ballast.doctor import examine

    lang = terminal_lang()
    checks = examine()
    lines = []
    for c in checks:
        colon, stop = ("：", "。") if lang == "zh" else (": ", ". ")
        words = c.found[lang].rstrip("。. ") + stop + c.todo[lang] if c.todo[lang] else c.found[lang]
        lines.append(f"{_MARKS[c.level][lang]:<5} {c.name[lang]}{colon}{words}")
    bad = sum(c.level == "error" for c in checks)
    document = {"works": not bad, "checks": checks}
    return Reply(lines, document, exit_code=1 if bad else 0)
