"""IntelliFit's speech recognition server: Whisper behind OpenAI's HTTP shapes, and an end-of-turn check beside it."""

import os

__version__ = "1.0.0"

# A model is a directory that was checked: nothing may look for one, or tell of itself, on the net. The libraries read these
# when they are imported, which is why they stand here.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
