"""What every test shares: how Hypothesis works on machines that are shared and noisy."""

import os
import signal

from hypothesis import settings

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True)
# `make fuzz-long`: batches of so many examples; Hypothesis remembers each, and 100,000 at once would take gigabytes.
settings.register_profile("long", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# Where several processes run the tests, or one in the background, Ctrl-C is ignored, and would be by every process that
# a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
