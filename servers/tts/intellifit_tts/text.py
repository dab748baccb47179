# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a text is spoken: markup, emojis and control characters are not, and nothing in it may command the voice.

Piper reads what stands in [[ ]] as raw phonemes, so no square bracket of a client's text reaches it. Numbers and units are left to
espeak, which reads them in the voice's language; whoever wants them said in another way writes them in words.
"""

from __future__ import annotations

import re
import unicodedata

# Per line: headings, quotes, list marks. The number of a list's entry is spoken, as a pause after it.
_FENCE = re.compile(r"^\s*(```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*([-*_=][ \t]*){3,}$|^[ \t]*\|?[ \t:|-]*-{3}[ \t:|-]*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:#{1,6}[ \t]+|[-*+•‣▪◦–][ \t]+(?:\[[ xX]\][ \t]+)?)?", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d{1,3})[.)][ \t]+(?=\S)", re.MULTILINE)

_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_URL = re.compile(r"<?\bhttps?://[^\s>]+>?")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|<!--.*?-->", re.DOTALL)
_TIMES = re.compile(r"(?<=\d)[ \t]*\*[ \t]*(?=\d)")
_ARROW = re.compile(r"[ \t]*[←-⇿⟰-⟿⤀-⥿⬀-⯿][ \t]*")
_BAR = re.compile(r"[ \t]*\|[ \t]*")
_EMPHASIS = re.compile(r"[*`]|~~")
_BRACKET = re.compile(r"[\[\]{}\\_]")

_DOTS = re.compile(r"(?:\.{2,}|…)+")
_REPEATED = re.compile(r"([!?])[!?]+")
_COMMAS = re.compile(r"(?:[ \t]*,){2,}|[ \t]+,")
_LEADING = re.compile(r"^[ \t]*[,;:][ \t]*", re.MULTILINE)
_BLANKS = re.compile(r"[ \t]+")

# Signs that are spoken although Unicode files them with the emojis.
_SPOKEN_SIGNS = frozenset("°℃℉№©®™")
_UNSPOKEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Me", "So", "Sk"))
_REPLACED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "‼": "!", "⁉": "?", "\u2028": "\n", "\u2029": "\n\n", "\t": " "})


def clean(text: str) -> str:
    """Return what is spoken of a text; its line breaks stay, for they are pauses."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").translate(_REPLACED)
    text = "".join(_kept(char) for char in text)
    text = _FENCE.sub("", text)
    text = _RULE.sub("", text)
    text = _TAG.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _URL.sub(" ", text)
    text = _LINE_MARK.sub("", text)
    text = _TIMES.sub(" × ", text)
    text = _EMPHASIS.sub("", text)
    text = _NUMBERED.sub(r"\1, ", text)
    text = _ARROW.sub(", ", text)
    text = _BAR.sub(", ", text)
    text = _BRACKET.sub(" ", text)
    text = _DOTS.sub(_pause, text)
    text = _REPEATED.sub(r"\1", text)
    text = _COMMAS.sub(",", text)
    text = _LEADING.sub("", text)
    text = _BLANKS.sub(" ", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def speakable(text: str) -> bool:
    """Tell whether a text has a letter or a digit: without, espeak reads out the names of punctuation or nothing at all."""
    return any(char.isalnum() for char in text)


def _kept(char: str) -> str:
    if char == "\n" or char in _SPOKEN_SIGNS:
        return char
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    if category == "Zs":
        return " "
    # Arrows stay until they become pauses; some are filed with the emojis.
    if category in _UNSPOKEN and not _ARROW.match(char) and char != "`":
        return ""
    if "\ufe00" <= char <= "\ufe0f":  # chooses between the text and the emoji of a character
        return ""
    return char


def _pause(dots: re.Match[str]) -> str:
    """Read three dots within a sentence as a comma, at its end as a full stop."""
    rest = dots.string[dots.end() :].lstrip(" \"')")
    ends = not rest or rest[0] == "\n" or rest[0].isupper()
    return "." if ends else ", "
