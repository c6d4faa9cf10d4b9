"""What the main job may take as a whole process, with room for a busy machine."""

import os
import subprocess
import sys
import time

import pytest


@pytest.mark.slow
def test_the_main_job_stays_within_a_minute_and_two_gigabytes(tmp_path):
    """64 draws, 20 places, all files: 26 s and 0.6 GB on two idle cores when this was written."""
    command = [sys.executable, "-m", "ballast", "respond", "shanghai-2022"]  # as the documents show it
    begun = time.perf_counter()
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)  # of this process alone, not of any that ran before
        process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - begun
    assert process.returncode == 0, (tmp_path / "said").read_text()
    assert (tmp_path / "ballast-shanghai-2022" / "report.html").is_file()
    assert used.ru_maxrss < 2_000_000  # kilobytes
    assert took < 120  # the aim is 30 on an idle machine; a shared one is given four times that
