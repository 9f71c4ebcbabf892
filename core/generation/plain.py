"""Model output as plain text: no HTML, link, image, Markdown, template token, hidden character. Citation marks stay."""

import html
import re
import unicodedata

import nh3

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)\n]*\)?|\[[^\]]*\])")
_LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\(([^)\n]*)\)?")
_MARK = re.compile(r"[\[【]\s*\^?(\d+(?:\s*[,;]\s*\d+)*)(?:†[^\]】]*)?\s*[\]】]")
_DEFINITION = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
_REFERENCE = re.compile(r"\[((?![\d\s]*\])[^\[\]\n]+)\]\[[^\[\]\n]*\]")
_ADDRESS = re.compile(
    r"<?\b(?:[a-z][a-z0-9+.-]{1,15}:(?://|\\\\|/\\|\\/)|www\.)[^\s<>]*>?|(?<![\w:/])//(?=[\w-]+\.\w)[^\s<>]*"
    r"|\b(?:https?|javascript|data|vbscript|mailto|tel|file|blob|sms):(?=\S)[^\s<>]*",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>|\[(?:BOS|EOS|PAD)\]", re.IGNORECASE
)
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,}).*$", re.MULTILINE)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[-*+•]|>)\s+", re.MULTILINE)
_RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>?")
_ROUNDS = 5  # what is escaped twice comes out as markup once more


def plain(text: str) -> str:
    """What a person may be shown as it stands.

    >>> plain("**Free** over £40 ([see](http://x.example/a)) ![](http://x.example/p.png)[1].")
    'Free over £40 (see) [1].'
    """
    text = _THOUGHTS.sub("", text)
    for _ in range(_ROUNDS):
        before = text
        text = _without_markup(_visible(text))
        if text == before:
            break
    else:
        text = text.replace("<", " ").replace(">", " ")
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r" ?\n\s*", "\n", text).strip()


def is_page(text: str) -> bool:
    """Whether a reply is a web page, as gateways send them, and no reply.

    >>> is_page("<!DOCTYPE html><html>502</html>")
    True
    """
    return bool(re.match(r"\s*(?:<!doctype|<html|<\?xml|<head|<body)", text, re.IGNORECASE))


def _without_markup(text: str) -> str:
    text = _IMAGE.sub(" ", _TOKEN.sub("", text))
    text = _LINK.sub(lambda link: f"[{link[1]}]" if link[1].strip().isdigit() else link[1], text)
    text = _DEFINITION.sub("", text)
    text = _REFERENCE.sub(r"\1", text)
    text = _ADDRESS.sub("", text)
    if "<" in text or "&" in text:
        text = html.unescape(nh3.clean(_TAG.sub(_spaced, text), tags=set(), clean_content_tags={"script", "style"}))
    for pattern in (_FENCE, _HEADING, _RULE, _BULLET):
        text = pattern.sub("", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = _MARK.sub(lambda mark: "".join(f"[{number}]" for number in re.findall(r"\d+", mark[1])), text)
    return text.replace("](", "] (")  # half a link must not become one with what follows


def _spaced(tag: re.Match[str]) -> str:
    """A break stays a break, whatever else the tag is."""
    return "\n" if re.match(r"</?(?:br|p|div|li|tr|h\d)\b", tag[0], re.IGNORECASE) else tag[0]


def _visible(text: str) -> str:
    """Without control and format characters: zero widths, direction marks, tags, private use."""
    return "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn") or c == "\t"
    )
