"""What holds for every test."""

import signal

from hypothesis import settings

# A suite in the background (`make test &`) is deaf to Ctrl-C, and would pass that on to what it tests.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The first call of what is compiled takes as long as its compiler; `pytest-timeout` ends what hangs.
settings.register_profile("ballast", deadline=None)
settings.load_profile("ballast")
