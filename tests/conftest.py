"""What holds for every test."""

import signal

# A suite in the background (`make test &`) is deaf to Ctrl-C, and would pass that on to what it tests.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
