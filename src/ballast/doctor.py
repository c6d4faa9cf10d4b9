"""What this installation is and whether it works here: versions, places, threads, locale, fonts, a run.

    examine() -> tuple[Check, ...]    each a name, what was found, and where something is wrong what to do

Nothing here is needed by anything else, and nothing is changed but that a cache folder is made.
"""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ballast
from ballast import machine
from ballast.errors import BallastError
from ballast.text import Text, counted

NEEDED = ("numpy", "scipy", "pandas", "pyarrow", "xarray", "pydantic", "typer", "rich", "jinja2")
FAST = "numba"  # commands work without it, slowly
OFFICE = ("openpyxl", "python-calamine", "python-docx")
EXTRAS = {"pymrio": "tables", "ray": "cluster", "numba-cuda": "cuda"}
# of the stack that reports name; one of them shows Chinese on this machine
FONTS = (
    "Noto Sans CJK",
    "Noto Sans SC",
    "Source Han Sans",
    "PingFang",
    "Microsoft YaHei",
    "SimSun",
    "WenQuanYi",
)
ROOM = 200e6  # bytes: a run needs a tenth of that
ALIKE = 1e-9  # relative: compiled and readable steps differ in rounding alone


NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `found` in words, `todo` where something is wrong or missing, else empty.

    `level` is "ok", "note" (something optional is missing) or "error" (commands will fail).
    """

    name: Text
    found: Text
    level: str = "ok"
    todo: Text = NOTHING


def examine() -> tuple[Check, ...]:
    """Every check. One that fails by itself is an error with what it said, and the others go on."""
    out = []
    for name, look in _CHECKS:
        try:
            out += list(look(name))
        except BallastError as error:
            out.append(Check(name, _same(str(error)), "error", Text("See above.", "见上。")))
        except OSError as error:  # its file, its folder, or the one that the command runs in
            said = _same(": ".join(str(part) for part in (error.filename, error.strerror) if part))
            gone = machine.nowhere(error)
            out.append(Check(name, said, "error", _GONE if gone else _UNREADABLE))
        except Exception as error:  # this command must answer whatever is broken
            said = _same(f"{type(error).__name__}: {error}")
            out.append(Check(name, said, "error", Text("Install again.", "请重新安装。")))
    return tuple(out)


_GONE = Text("Change to another folder, then try again.", "请换一个文件夹再试。")
_UNREADABLE = Text(
    "See whether this file is there and may be read, then install again.",
    "请检查该文件是否存在、可读，然后重新安装。",
)


def _same(text: str) -> Text:
    return Text(text, text)


def _ballast(name: Text) -> Iterator[Check]:
    where = Path(ballast.__file__).parent
    yield Check(name, _same(f"{ballast.__version__}, {where}"))


def _python(name: Text) -> Iterator[Check]:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Check(name, _same(f"{platform.python_version()}, {sys.executable}; {system}"))


def _packages(name: Text) -> Iterator[Check]:
    found = {package: _version(package) for package in (*NEEDED, *OFFICE, FAST)}
    missing = [package for package in (*NEEDED, *OFFICE) if found[package] is None]
    there = ", ".join(f"{package} {version}" for package, version in found.items() if version)
    if not missing:
        yield Check(name, _same(there))
        return
    todo = f"pip install {' '.join(missing)}"
    yield Check(
        name, Text(f"missing: {', '.join(missing)}", f"缺少：{', '.join(missing)}"), "error", _same(todo)
    )


def _extras(name: Text) -> Iterator[Check]:
    for package, extra in EXTRAS.items():
        version = _version(package)
        if version:
            yield Check(name, _same(f"{package} {version}"))
        else:
            todo = f"pip install 'ballaststone[{extra}]'"
            yield Check(name, Text(f"{package} is not installed", f"未安装 {package}"), "note", _same(todo))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cache(name: Text) -> Iterator[Check]:
    from ballast import compiled

    if not compiled.AVAILABLE:
        why = compiled.MISSING
        found = Text(f"none: numba cannot be loaded ({why})", f"无：无法加载 numba（{why}）")
        todo = Text(
            "Runs of the default model work, slowly; published models and --device cuda do not: "
            "pip install numba.",
            "默认模型可以运行，但速度较慢；已发表模型和 --device cuda 不可用。请安装：pip install numba。",
        )
        yield Check(name, found, "note", todo)
        return
    place = compiled.place()
    if place is None:
        found = Text("no folder that is yours alone to write", "没有仅由本用户可写的文件夹")
        todo = Text(
            "Set NUMBA_CACHE_DIR to one: until then every command compiles for half a minute.",
            "请将 NUMBA_CACHE_DIR 设为这样的文件夹；否则每条命令都要重新编译约半分钟。",
        )
        yield Check(name, found, "note", todo)
        return
    files = list(place.rglob("*.nbc"))
    size = sum(p.stat().st_size for p in files) / 1e6
    yield Check(
        name,
        Text(
            f"{place}, {counted(len(files), 'function')}, {size:.1f} MB",
            f"{place}，已存 {len(files)} 个函数，{size:.1f} MB",
        ),
    )


def _threads(name: Text) -> Iterator[Check]:
    from ballast.compiled import threads
    from ballast.propagate.ensemble import workers

    there, step = machine.processors(ours=False), threads()
    yield Check(
        name,
        Text(
            f"{workers()} for draws, {step} in a step; {there} processors",
            f"抽样 {workers()} 个，单步 {step} 个；处理器 {there} 个",
        ),
    )


def _locale(name: Text) -> Iterator[Check]:
    encoding = getattr(sys.stdout, "encoding", None) or "?"
    said = next(
        (f"{k}={os.environ[k]}" for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "-"
    )
    found = Text(
        f"{said}; terminal {encoding}, files {locale.getencoding()}",
        f"{said}；终端 {encoding}，文件 {locale.getencoding()}",
    )
    if "utf" in encoding.lower() or "gb" in encoding.lower():
        yield Check(name, found)
        return
    todo = Text(
        "This terminal cannot show Chinese: use a UTF-8 locale.",
        "此终端无法显示中文，请改用 UTF-8 区域设置。",
    )
    yield Check(name, found, "note", todo)


def _fonts(name: Text) -> Iterator[Check]:
    if machine.WINDOWS or machine.MAC:
        yield Check(
            name, Text("the system's own (Microsoft YaHei, PingFang)", "系统自带（微软雅黑、苹方）")
        )
        return
    program = shutil.which("fc-list")
    listed = ""
    if program:
        got = subprocess.run([program, ":lang=zh", "family"], capture_output=True, timeout=30, check=False)
        listed = got.stdout.decode("utf-8", "replace")
    known = [font for font in FONTS if font.casefold() in listed.casefold()]
    if known:
        yield Check(name, _same(", ".join(known)))
        return
    found = Text("none with Chinese characters was found", "未找到含中文字符的字体")
    todo = Text(
        "Reports carry no fonts. To look at them here, install one, such as the package fonts-noto-cjk.",
        "报告不内嵌字体；如需在本机查看，请安装中文字体，例如软件包 fonts-noto-cjk。",
    )
    yield Check(name, found, "note", todo)


def _places(name: Text) -> Iterator[Check]:
    for what, place in (
        (Text("here", "当前文件夹"), Path.cwd()),
        (Text("temporary", "临时文件夹"), machine.temporary()),
    ):
        if place is None:
            todo = Text("Set TMPDIR to a folder that can be written.", "请将 TMPDIR 设为可写的文件夹。")
            yield Check(name, Text("no temporary folder", "没有临时文件夹"), "error", todo)
            continue
        free, writable = shutil.disk_usage(place).free, os.access(place, os.W_OK)
        found = Text(
            f"{what.en}: {place}, {free / 1e9:.1f} GB free{'' if writable else ', not writable'}",
            f"{what.zh}：{place}，剩余 {free / 1e9:.1f} GB{'' if writable else '，不可写'}",
        )
        if writable and free > ROOM:
            yield Check(name, found)
        else:
            todo = Text("Give results another place: --out DIR.", "请用 --out 指定其他位置。")
            yield Check(name, found, "note", todo)


def _books(name: Text) -> Iterator[Check]:
    from ballast.economy import book
    from ballast.scenario import builtin_scenarios

    books, scenarios = book.builtin_books(), builtin_scenarios()
    yield Check(name, _same(f"{', '.join(books)}; {', '.join(scenarios)}"))


def _run(name: Text) -> Iterator[Check]:
    """The teaching book through its scenario: readable, and compiled where numba is; the same numbers."""
    import time

    import numpy as np

    from ballast import compiled
    from ballast.economy import book
    from ballast.propagate.simulate import simulate
    from ballast.scenario import load

    economy, plot = book.load("teaching"), load("vehicle-parts")
    begun = time.perf_counter()
    readable = simulate(economy, plot, backend="numpy")
    seconds = time.perf_counter() - begun
    if not compiled.AVAILABLE:
        alone = Text(f"the readable step alone; {seconds:.1f} s", f"仅可读版；用时 {seconds:.1f} 秒")
        yield Check(name, alone)
        return
    begun = time.perf_counter()
    fast = simulate(economy, plot)
    seconds = time.perf_counter() - begun
    made = readable.record.output
    gap = float(np.abs(fast.record.output - made).max() / made.max())
    found = Text(
        f"compiled and readable steps differ by {gap:.0e}; {seconds:.1f} s",
        f"编译版与可读版结果相差 {gap:.0e}；用时 {seconds:.1f} 秒",
    )
    if gap <= ALIKE:
        yield Check(name, found)
        return
    todo = Text(
        "Do not use the results: install again and report this.",
        "请勿使用计算结果；请重新安装并报告此问题。",
    )
    yield Check(name, found, "error", todo)


_CHECKS: tuple[tuple[Text, Callable[[Text], Iterator[Check]]], ...] = (
    (_same("ballast"), _ballast),
    (_same("Python"), _python),
    (Text("packages", "依赖包"), _packages),
    (Text("extras", "可选组件"), _extras),
    (Text("books and scenarios", "账本与情景"), _books),
    (Text("compiled functions", "编译缓存"), _cache),
    (Text("threads", "线程"), _threads),
    (Text("locale", "区域设置"), _locale),
    (Text("fonts", "字体"), _fonts),
    (Text("folders", "文件夹"), _places),
    (Text("a small run", "试算"), _run),
)
