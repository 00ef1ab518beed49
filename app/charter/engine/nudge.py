"""Going on after a nudge: a token for this author, this text, these findings and these rules, for a while.

That a token is used once is for its keeper: `token_id` is what to remember.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Final

from .draft import Draft
from .fold import fold_text
from .verdict import Verdict

LIFETIME: Final = timedelta(minutes=15)


def issue_token(
    secret: bytes, author: str, draft: Draft, verdict: Verdict, now: datetime, *, nonce: str
) -> str:
    """A token for the nudge just shown; `nonce` makes it one of its kind."""
    expires = int((now + LIFETIME).timestamp())
    body = f"{expires}.{nonce.replace('.', '')}"
    return f"{body}.{_seal(secret, body, author, draft, verdict)}"


def is_token_valid(
    secret: bytes, token: str, author: str, draft: Draft, verdict: Verdict, now: datetime
) -> bool:
    """Whether the author may go on: same text, no new finding, same rules, in time."""
    expires, _, rest = token.partition(".")
    nonce, _, seal = rest.partition(".")
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        return False
    expected = _seal(secret, f"{expires}.{nonce}", author, draft, verdict)
    return hmac.compare_digest(expected.encode(), seal.encode()) and now.timestamp() < int(expires)


def token_id(token: str) -> str:
    """What to remember of a token once it was used."""
    return hashlib.sha256(token.encode()).hexdigest()


def text_hash(draft: Draft) -> str:
    """The same for texts that read the same."""
    files = [[file.name, file.alt, file.text] for file in draft.attachments]
    said = [draft.title, draft.body, *draft.poll, *draft.hashtags, *(part for file in files for part in file)]
    return hashlib.sha256(json.dumps([*map(fold_text, said)]).encode()).hexdigest()


def finding_signature(verdict: Verdict) -> str:
    """What was found, and by which versions of the rules."""
    found = sorted(
        (finding.hit, finding.rule, finding.version, finding.action) for finding in verdict.findings
    )
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _seal(secret: bytes, body: str, author: str, draft: Draft, verdict: Verdict) -> str:
    said = "\n".join((body, author, text_hash(draft), finding_signature(verdict)))
    return hmac.new(secret, said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
