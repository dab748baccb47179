"""Sentences Whisper learned from subtitles and says of noise. They go only when Whisper itself doubts them."""

from __future__ import annotations

import re
import unicodedata

from .engine import Segment

# A member may well say "thank you", so a phrase alone is no reason; one of these marks of doubt must join it.
DOUBTED_LOGPROB = -0.7
LIKELY_SILENCE = 0.4

# Auctioneers reach six words a second. Of music Whisper makes loops of thirty.
WORDS_PER_SECOND = 10.0
LEAST_SECONDS = 0.5

_PHRASES = frozenset(
    {
        "you",
        "bye",
        "bye bye",
        "thank you",
        "thank you very much",
        "thank you so much",
        "thank you for watching",
        "thanks for watching",
        "thanks for listening",
        "see you next time",
        "see you in the next video",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "subtitles by the amara org community",
        "the end",
        "music",
        "applause",
        "silence",
        "blank audio",
        "so",
        "oh",
        "hmm",
        "uh",
        "untertitel der amara org community",
        "untertitelung des zdf 2020",
        "vielen dank",
        "sous titres realises para la communaute d amara org",
        "merci d avoir regarde cette video",
        "subtitulos realizados por la comunidad de amara org",
        "gracias por ver el video",
    }
)


def hallucinated(segment: Segment, prompt: str) -> bool:
    """Whether a segment is none that was said.

    It is one of the phrases or the prompt read back and Whisper doubts it, nothing but signs, or too fast to be said.
    """
    said = plain(segment.text)
    if not said:
        return True
    if len(said.split()) > WORDS_PER_SECOND * max(segment.end - segment.start, LEAST_SECONDS):
        return True
    if segment.avg_logprob > DOUBTED_LOGPROB and segment.no_speech_prob < LIKELY_SILENCE:
        return False
    return said in _PHRASES or (len(said.split()) >= 3 and said in plain(prompt))


def plain(text: str) -> str:
    """Lower case without accents and punctuation, words one space apart."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters.lower()))
