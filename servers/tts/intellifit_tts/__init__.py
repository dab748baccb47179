# SPDX-License-Identifier: GPL-3.0-or-later
"""IntelliFit's text-to-speech server: Piper voices behind OpenAI's /v1/audio/speech, streamed clause by clause.

It is a process of its own because Piper and espeak-ng are GPL-3.0: the rest of IntelliFit knows it by its URL only.
"""

__version__ = "1.0.0"
