#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Install Ballast from this folder, without any network: python3 install.py

    --into DIR     where to (a folder named ballast in your home folder)
    --no-check     do not run a small job at the end

It makes a Python environment in that folder and puts the wheels that lie beside this file into it. An older one that
this made is replaced, and comes back if anything goes wrong. What does not fit is said all at once, before
anything is written. This file is plain and old-fashioned, so that an older Python can still say what is missing.
"""

from __future__ import print_function, unicode_literals

import hashlib
import io
import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "ballast-bundle.json"  # in the folder that this installed into, so that only that is ever replaced
PART = "ballast-unfinished"  # there until it is whole
WINDOWS = os.name == "nt"


def read_plan():
    with io.open(os.path.join(HERE, "bundle.json"), encoding="utf-8") as file:
        return json.load(file)


# ---- does it fit -----------------------------------------------------------------------------------


def wrong_machine(plan):
    """Why this bundle cannot run on this machine, whatever its Python; a list of sentences."""
    found = []
    if platform.system() != plan["system"] or platform.machine() not in plan["machines"]:
        found.append(
            "This bundle is for %s; this machine is %s %s. Make or ask for the bundle of this machine: "
            "make bundle PLATFORM=..." % (plan["platform"], platform.system(), platform.machine())
        )
    elif plan["glibc"]:
        name, version = platform.libc_ver()
        numbers = [int(n) for n in version.split(".")[:2] if n.isdigit()]
        if name != "glibc" or numbers < list(plan["glibc"]):
            found.append(
                "This system's C library is %s; the packages need glibc %d.%d or newer (2018: Debian 10, RHEL 8, "
                "Ubuntu 20.04, Kylin V10). Use a newer system."
                % ((name + " " + version).strip() or "not glibc", plan["glibc"][0], plan["glibc"][1])
            )
    return found


def wrong_python(plan):
    """Why this Python cannot take the wheels; a list of sentences."""
    running = "%d.%d" % sys.version_info[:2]
    name = ("py -%s" if WINDOWS else "python%s") % plan["python"]
    found = []
    if running != plan["python"]:
        found.append(
            "This bundle is for Python %s; this is Python %s (%s). Install Python %s and run:  %s install.py"
            % (plan["python"], running, sys.executable, plan["python"], name)
        )
    if platform.python_implementation() != "CPython":
        found.append("This Python is %s; the packages need the usual CPython." % platform.python_implementation())
    if struct.calcsize("P") != 8:
        found.append("This Python is a 32-bit one; the packages need a 64-bit one.")
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        found.append("This is a free-threaded Python; the packages need the usual one (without the t).")
    return found


def wrong_files():
    """What of this folder is missing or damaged; a list of sentences."""
    found = []
    with io.open(os.path.join(HERE, "SHA256SUMS"), encoding="utf-8") as file:
        lines = [line.rstrip("\r\n").split("  ", 1) for line in file if line.strip()]
    for digest, name in lines:
        path = os.path.join(HERE, *name.split("/"))
        if not os.path.isfile(path):
            found.append("%s is missing. Unpack the whole archive again." % name)
        elif checksum(path) != digest:
            found.append("%s is damaged. Copy and unpack the archive again." % name)
    return found


def checksum(path):
    digest = hashlib.sha256()
    with io.open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def has(folder, name):
    return os.path.isfile(os.path.join(folder, name))


def whole(into):
    """An installation that this finished."""
    return has(into, MARK) and not has(into, PART)


def wrong_place(into):
    """Why it cannot be installed there; a list of sentences."""
    if os.path.isdir(into) and os.listdir(into) and not whole(into) and not has(into, PART):
        return ["%s holds other files. Name a new or empty folder:  --into DIR" % into]
    if os.path.exists(into) and not os.path.isdir(into):
        return ["%s is a file. Name a folder:  --into DIR" % into]
    above = os.path.dirname(into)
    while not os.path.exists(above) and above != os.path.dirname(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above) or not os.access(above, os.W_OK):
        return ["%s cannot be made: you may not write in %s. Name another folder:  --into DIR" % (into, above)]
    return []


def fitting_python(plan):
    """The command of another Python here that is of the right version; None when there is none."""
    which = getattr(shutil, "which", lambda name: None)
    choices = [["py", "-" + plan["python"]]] if WINDOWS else [["python" + plan["python"]]]
    code = "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '" + plan["python"] + "')"
    for words in choices:
        if which(words[0]) and quiet(words + ["-c", code]) == 0:
            return words
    return None


def quiet(words):
    with io.open(os.devnull, "wb") as nothing:
        return subprocess.call(words, stdout=nothing, stderr=nothing)


# ---- install ---------------------------------------------------------------------------------------


def clean_environment(into):
    """Nothing that the user has set for Python or pip reaches in, pip asks no index and starts no other program."""
    kept = dict((k, v) for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV")))
    kept.update({"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    kept["PATH"] = os.path.dirname(inside(into, "python"))  # pip would ask a compiler for its version
    return kept


def inside(into, name):
    """A program of the environment."""
    return os.path.join(into, "Scripts", name + ".exe") if WINDOWS else os.path.join(into, "bin", name)


def run(words, what, env=None):
    """Run one step; its last lines and the program's end where it fails."""
    process = subprocess.Popen(
        words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = process.communicate()[0].decode("utf-8", "replace").strip().splitlines()
    if process.returncode:
        raise RuntimeError("%s failed:\n%s" % (what, "\n".join("  " + line for line in said[-8:])))


def fill(plan, into):
    """Make the environment in `into` and put the wheels into it."""
    wheels = os.path.join(HERE, "wheels")
    os.makedirs(into)
    io.open(os.path.join(into, PART), "w").close()
    # without pip: Debian's Python lacks the part that brings it, and the bundle has its own
    env = clean_environment(into)
    run([sys.executable, "-m", "venv", "--without-pip", into], "Making the Python environment", env)
    words = [inside(into, "python"), os.path.join(wheels, plan["pip"], "pip"), "install", "--no-index", "--quiet"]
    words += ["--no-cache-dir", "--only-binary=:all:", "--find-links", wheels, plan["install"]]
    run(words, "Installing the packages", env)
    shutil.copyfile(os.path.join(HERE, "bundle.json"), os.path.join(into, MARK))
    os.remove(os.path.join(into, PART))


def install(plan, into):
    """Fill `into`; an older one is set aside meanwhile and comes back if that fails."""
    old = into + ".old"
    if os.path.isdir(into) and not whole(into):  # empty, or an earlier installation was cut off
        shutil.rmtree(into)
    if os.path.isdir(old) and has(old, MARK):
        if os.path.isdir(into):
            shutil.rmtree(old)
        else:
            os.rename(old, into)
    if os.path.isdir(into):
        os.rename(into, old)
    try:
        fill(plan, into)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        if os.path.isdir(old):
            os.rename(old, into)
        raise
    if has(old, MARK):
        shutil.rmtree(old, ignore_errors=True)


def check(into):
    """Run the small built-in job; it also compiles what later runs will use."""
    folder = tempfile.mkdtemp(prefix="ballast-check-")
    try:
        words = [inside(into, "ballast"), "respond", "vehicle-parts", "--draws", "8"]
        run(words + ["--out", os.path.join(folder, "parts")], "The small job")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- the command -----------------------------------------------------------------------------------


def arguments(words):
    """(folder or None, whether to check); exits where they cannot be read."""
    into, checked = None, True
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--into" and words:
            into = words.pop(0)
        elif word.startswith("--into="):
            into = word[len("--into=") :]
        elif word == "--no-check":
            checked = False
        else:
            print(__doc__.strip())
            sys.exit(0 if word in ("-h", "--help") else 2)
    return into, checked


def refuse(faults):
    for fault in faults:
        print("error: " + fault, file=sys.stderr)
    print("Nothing was installed. 未作安装。", file=sys.stderr)
    return 1


def main(words):
    into, checked = arguments(words)
    try:
        plan = read_plan()
    except (IOError, OSError, ValueError) as error:
        return refuse(["bundle.json cannot be read (%s). Run install.py in the unpacked folder." % error])
    place = os.path.abspath(into) if into else os.path.join(os.path.expanduser("~"), "ballast")
    python, machine = wrong_python(plan), wrong_machine(plan)
    other = fitting_python(plan) if python and not machine else None
    if other and not os.environ.get("BALLAST_INSTALL_AGAIN"):
        print("This is Python %d.%d; going on with %s." % (sys.version_info[0], sys.version_info[1], " ".join(other)))
        sys.stdout.flush()
        env = dict(os.environ, BALLAST_INSTALL_AGAIN="1")
        return subprocess.call(other + [os.path.abspath(__file__)] + list(words), env=env)
    faults = machine + python + wrong_files() + wrong_place(place)
    if faults:
        return refuse(faults)
    print("Installing %s %s into %s ... 正在安装" % (plan["name"], plan["version"], place))
    sys.stdout.flush()
    try:
        install(plan, place)
    except (RuntimeError, OSError) as error:
        return refuse([str(error)])
    if checked:
        print("Running a small job to see that it works ... 正在试运行")
        sys.stdout.flush()
        try:
            check(place)
        except (RuntimeError, OSError) as error:
            print("error: It is installed, but does not work here. %s" % error, file=sys.stderr)
            return 1
    program = inside(place, "ballast")
    print("Done. Start it with 安装完成，启动命令：\n\n    %s respond vehicle-parts\n" % program)
    return 0


if __name__ == "__main__":
    if sys.version_info[0] == 3 and hasattr(sys.stdout, "reconfigure"):
        for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character still gets the rest
            stream.reconfigure(errors="replace")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted: nothing was installed.")
