"""Secrets pasted without thinking: known by their published formats, sure by their disorder."""

import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import re2

from ..scan import Hit, Scan
from ..spec import RuleSpec
from .base import Build, Detector, document_hit, strings


class Format(NamedTuple):
    """A published format; the first group, or the whole, must look random enough."""

    name: str
    pattern: str
    bits: float = 3.0


_B64: Final = r"[A-Za-z0-9_\-]"
FORMATS: Final = (
    Format("private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----", 0),
    Format("putty key", r"PuTTY-User-Key-File-[23]: ", 0),
    Format("age key", r"AGE-SECRET-KEY-1([0-9A-Z]{58})"),
    Format("aws key", r"\b(?:AKIA|ASIA|ABIA|ACCA)([A-Z0-9]{16})\b", 2.5),
    Format("aws secret",
           r"(?i)aws.{0,20}(?:secret|key).{0,20}?[=:\s\"']((?-i:[A-Za-z0-9/+]{40}))(?:[^A-Za-z0-9/+]|$)",
           3.5),
    Format("github", r"\bgh[pousr]_([A-Za-z0-9]{36,255})\b"),
    Format("github fine", r"\bgithub_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
    Format("gitlab", rf"\bgl(?:pat|ptt|cbt|rt|dt|ft|soat|imt|agent|oas)-({_B64}{{20,}})"),
    Format("slack", r"\bxox[abeoprs](?:\.xox[bp])?-([A-Za-z0-9\-]{10,})", 2.5),
    Format("slack app", r"\bxapp-\d-[A-Z0-9]+-\d+-([a-z0-9]{32,})", 2.5),
    Format("slack hook", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,})"),
    Format("discord hook", rf"discord(?:app)?\.com/api/webhooks/\d{{15,20}}/({_B64}{{60,}})"),
    Format("discord", rf"\b([MNO][A-Za-z\d_\-]{{23,27}}\.{_B64}{{6}}\.{_B64}{{27,}})"),
    Format("teams hook",
           r"webhook\.office\.com/webhookb2/([a-f0-9\-]{36}@[a-f0-9\-]{36}/IncomingWebhook/[a-z0-9]{32})"),
    Format("stripe", r"\b[rs]k_(?:live|test|prod)_([A-Za-z0-9]{16,})"),
    Format("stripe hook", r"\bwhsec_([A-Za-z0-9+/=]{32,})"),
    Format("google", rf"\bAIza({_B64}{{35}})"),
    Format("google oauth", rf"\bGOCSPX-({_B64}{{28}})"),
    Format("google access", rf"\bya29\.({_B64}{{40,}})"),
    Format("twilio", r"\bSK([0-9a-f]{32})\b", 2.5),
    Format("sendgrid", rf"\bSG\.({_B64}{{22}}\.{_B64}{{43}})"),
    Format("mailgun", r"\bkey-([0-9a-f]{32})\b", 2.5),
    Format("mailchimp", r"\b([0-9a-f]{32})-us\d{1,2}\b", 2.5),
    Format("brevo", r"\bxkeysib-([a-f0-9]{64}-[A-Za-z0-9]{16})"),
    Format("npm", r"\bnpm_([A-Za-z0-9]{36})\b"),
    Format("pypi", rf"\bpypi-({_B64}{{50,}})"),
    Format("rubygems", r"\brubygems_([a-f0-9]{48})\b", 2.5),
    Format("docker", rf"\bdckr_(?:pat|oat)_({_B64}{{24,}})"),
    Format("openai", rf"\bsk-(?:proj-|svcacct-|admin-|None-)?({_B64}{{20,}}T3BlbkFJ{_B64}{{20,}})"),
    Format("sk-key",
           r"\bsk-((?:ant-[a-z]+\d\d-|proj-|or-v1-|lf-)[A-Za-z0-9_\-]{32,}|[A-Za-z0-9]{32,64})\b", 3.2),
    Format("hugging face", r"\b(?:hf|api_org)_([A-Za-z0-9]{34,})\b"),
    Format("replicate", r"\br8_([A-Za-z0-9]{37})\b"),
    Format("digitalocean", r"\bdo[opr]_v1_([a-f0-9]{64})\b", 2.5),
    Format("shopify", r"\bshp(?:at|ca|pa|ss)_([a-fA-F0-9]{32})\b", 2.5),
    Format("square", rf"\bsq0[a-z]{{3}}-({_B64}{{22,}})"),
    Format("telegram", rf"\b\d{{8,10}}:(AA{_B64}{{33}})"),
    Format("azure storage", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    Format("azure shared", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    Format("azure client", r"\b([A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.\-]{31,34})"),
    Format("jwt", rf"\beyJ{_B64}{{10,}}\.(eyJ{_B64}{{10,}}\.{_B64}{{10,}})"),
    Format("databricks", r"\bdapi([a-f0-9]{32})\b", 2.5),
    Format("doppler", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_\-]+\.)?([A-Za-z0-9]{40,44})\b"),
    Format("vault", rf"\bhv[sbr]\.({_B64}{{24,}})"),
    Format("terraform", rf"\b[A-Za-z0-9]{{14}}\.atlasv1\.({_B64}{{60,}})"),
    Format("linear", r"\blin_(?:api|oauth)_([A-Za-z0-9]{40,})\b"),
    Format("notion", r"\b(?:secret_|ntn_)([A-Za-z0-9]{43,})\b"),
    Format("atlassian", rf"\bAT(?:ATT|CTT|BB)(?:3x)?({_B64}{{24,}}=?[A-Z0-9]{{0,8}})", 3.5),
    Format("dropbox", rf"\bsl\.(?:u\.)?({_B64}{{120,}})"),
    Format("figma", rf"\bfig[dou]_({_B64}{{36,}})"),
    Format("grafana", r"\bglsa_([A-Za-z0-9]{32}_[a-fA-F0-9]{8})\b"),
    Format("grafana cloud", r"\bglc_([A-Za-z0-9+/=]{32,})"),
    Format("new relic", r"\bNR(?:AK|AA|II|JS)-([A-Za-z0-9\-_]{19,})"),
    Format("planetscale", r"\bpscale_(?:tkn|pw|oauth)_([\w.\-]{32,})"),
    Format("postman", r"\bPMAK-([a-f0-9]{24}-[a-f0-9]{34})\b", 2.5),
    Format("pulumi", r"\bpul-([a-f0-9]{40})\b", 2.5),
    Format("sentry", r"\bsntry[su]_([A-Za-z0-9+/=_\-]{32,})"),
    Format("cloudflare ca", r"\bv1\.0-([a-f0-9]{24}-[a-f0-9]{146})\b", 2.5),
    Format("airtable", r"\bpat([A-Za-z0-9]{14}\.[a-f0-9]{64})\b", 2.5),
    Format("heroku", rf"\bHRKU-({_B64}{{36,}})"),
    Format("mapbox", rf"\bsk\.(eyJ{_B64}{{60,}}\.{_B64}{{20,}})"),
    Format("facebook", r"\bEAA[A-Za-z0-9]{0,10}([A-Za-z0-9]{90,})\b"),
    Format("scaleway", r"\bSCW([A-Z0-9]{17})\b", 2.5),
    Format("typeform", rf"\btfp_({_B64}{{40,}}={{0,2}})"),
    Format("flyio", r"\bfo1_([\w\-]{43})"),
    Format("tailscale", r"\btskey-(?:auth|api|client|webhook|scim)-([A-Za-z0-9]{8,}-[A-Za-z0-9]{16,})"),
    Format("supabase", r"\bsb(?:p|_secret)_([A-Za-z0-9_]{30,})"),
    Format("asana", r"\b\d/\d{16}(?:/\d{16})?:([a-f0-9]{32})\b", 2.5),
    Format("url", r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@\"'<>]{0,64}:([^\s@/\"'<>]{3,128})@[\w.\-]+", 1.5),
    Format("connection",
           r"(?i)(?:server|data source|host|addr(?:ess)?|uid|user(?: id)?|database)\s*=\s*[^;\n]{1,80};"
           r"(?:[^;\n]{1,80};){0,8}\s*(?:password|pwd)\s*=\s*([^;\s\"']{4,128})", 1.5),
)  # fmt: skip
_PLACEHOLDERS: Final = (
    "example", "exemple", "placeholder", "changeme", "password", "passwd", "motdepasse", "your", "votre",
    "xxxx", "****", "....", "1234567890", "0000000", "abcdefgh", "<", "${", "{{", "%s", "redacted", "masqu",
)  # fmt: skip
_MOST_HITS: Final = 20


def compile_secrets(rule: RuleSpec, _build: Build) -> Detector:
    """Every published format, unless `formats` names some."""
    wanted = frozenset(strings(rule.params.get("formats")))
    unknown = wanted - {known.name for known in FORMATS}
    if unknown:
        raise ValueError(f"unknown formats: {', '.join(sorted(unknown))}")

    def detect(scan: Scan) -> Iterator[Hit]:
        for start, end, name in secret_spans(scan.encodable):
            if not wanted or name in wanted:
                yield document_hit(scan, start, end)

    return detect


def secret_spans(text: str) -> list[tuple[int, int, str]]:
    """Where secrets stand, and of which format."""
    found: list[tuple[int, int, str]] = []
    together, patterns = _compiled()
    for number in together.Match(text) or ():
        form = FORMATS[number]
        for match in patterns[number].finditer(text):
            captured = match.group(1 if match.re.groups else 0)
            if form.bits == 0 or is_random(captured, form.bits):
                found.append((*match.span(), form.name))
            if len(found) >= _MOST_HITS:
                return found
    return found


@lru_cache(maxsize=1)
def _compiled() -> tuple[Any, list[Any]]:
    chosen = re2.Options()
    chosen.max_mem = 64 << 20
    together = re2.Set.SearchSet(chosen)
    for form in FORMATS:
        together.Add(form.pattern)
    together.Compile()
    return together, [re2.compile(form.pattern) for form in FORMATS]


def is_random(text: str, bits: float) -> bool:
    """Whether a captured part has so many bits a character, and isn't what a manual would print."""
    lowered = text.lower()
    return not any(word in lowered for word in _PLACEHOLDERS) and entropy(text) >= bits


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    if not text:
        return 0.0
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
