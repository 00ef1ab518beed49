"""Secrets are caught by their published form; ordinary work text never is."""

import random
import string

import pytest

from app.charter.engine.detectors.secrets import secret_spans

from .support import PROFILE, ask

RULES = {**PROFILE, "rules": {"secret": {"action": "hold"}}}
LETTERS, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"


def made(length, alphabet=LETTERS, seed=0):
    return "".join(random.Random(f"{length}{alphabet}{seed}").choices(alphabet, k=length))


SHAPES = {
    "github": lambda n: "ghp_" + made(36, seed=n),
    "github app": lambda n: "ghs_" + made(36, seed=n),
    "github fine": lambda n: f"github_pat_{made(22, seed=n)}_{made(59, seed=n)}",
    "gitlab": lambda n: "glpat-" + made(20, seed=n),
    "aws": lambda n: "AKIA" + made(16, UPPER, n),
    "aws secret": lambda n: "aws_secret_access_key = " + made(40, LETTERS + "/+", n),
    "slack": lambda n: f"xoxb-{made(12, string.digits, n)}-{made(13, string.digits, n)}-{made(24, seed=n)}",
    "slack hook": lambda n: (
        "https://hooks.slack.com/services/T"
        + made(10, UPPER, n)
        + "/B"
        + made(10, UPPER, n)
        + "/"
        + made(24, seed=n)
    ),
    "stripe": lambda n: "sk_live_" + made(24, seed=n),
    "google": lambda n: "AIza" + made(35, LETTERS + "-_", n),
    "google oauth": lambda n: "GOCSPX-" + made(28, seed=n),
    "sendgrid": lambda n: f"SG.{made(22, seed=n)}.{made(43, seed=n)}",
    "mailgun": lambda n: "key-" + made(32, HEX, n),
    "mailchimp": lambda n: made(32, HEX, n) + "-us12",
    "npm": lambda n: "npm_" + made(36, seed=n),
    "pypi": lambda n: "pypi-AgEIcHlwaS5vcmc" + made(120, seed=n),
    "openai": lambda n: f"sk-proj-{made(40, seed=n)}T3BlbkFJ{made(40, seed=n + 1)}",
    "anthropic": lambda n: "sk-ant-api03-" + made(93, seed=n),
    "hugging face": lambda n: "hf_" + made(34, seed=n),
    "digitalocean": lambda n: "dop_v1_" + made(64, HEX, n),
    "shopify": lambda n: "shpat_" + made(32, HEX, n),
    "telegram": lambda n: f"{made(10, string.digits[1:], n)}:AA{made(33, seed=n)}",
    "discord": lambda n: f"M{made(25, seed=n)}.{made(6, seed=n)}.{made(38, seed=n)}",
    "azure": lambda n: "AccountName=x;AccountKey=" + made(86, LETTERS + "+/", n) + "==",
    "jwt": lambda n: f"eyJ{made(20, seed=n)}.eyJ{made(40, seed=n)}.{made(43, seed=n)}",
    "databricks": lambda n: "dapi" + made(32, HEX, n),
    "vault": lambda n: "hvs." + made(90, seed=n),
    "linear": lambda n: "lin_api_" + made(40, seed=n),
    "notion": lambda n: "ntn_" + made(46, seed=n),
    "docker": lambda n: "dckr_pat_" + made(27, seed=n),
    "grafana": lambda n: f"glsa_{made(32, seed=n)}_{made(8, HEX, n)}",
    "postman": lambda n: f"PMAK-{made(24, HEX, n)}-{made(34, HEX, n)}",
    "airtable": lambda n: f"pat{made(14, seed=n)}.{made(64, HEX, n)}",
    "postgres": lambda n: f"postgres://app:{made(12, seed=n)}@db.interne.example:5432/app",
    "mongo": lambda n: f"mongodb+srv://app:{made(12, seed=n)}@cluster.example/app",
    "redis": lambda n: f"redis://:{made(16, seed=n)}@cache.example:6379/0",
    "mssql": lambda n: f"Server=db.example;Database=app;User Id=sa;Password={made(12, seed=n)};",
    "private key": lambda _: "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "openssh": lambda _: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----",
    "pgp": lambda _: "-----BEGIN PGP PRIVATE KEY BLOCK-----",
}


@pytest.mark.parametrize("name", SHAPES)
def test_nine_of_ten_secrets_of_each_provider_are_caught(name):
    texts = [f"Voici : `{SHAPES[name](number)}` merci" for number in range(20)]
    assert sum(bool(secret_spans(text)) for text in texts) >= 18
    assert ask(f"Voici {SHAPES[name](1)}", profile=RULES)["hits"] == ["secret"]


ORDINARY = [
    "Le ticket PARVIS-1234 est clos, version 1.2.3-rc4, commit 9fceb02d0ae598e95dc970b74767f19372d61af8.",
    "Somme sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "https://user:password@db.example/ est le modèle, https://user:***@db.example aussi",
    "postgres://user:${PASSWORD}@db.example/app",
    "postgres://user:<mot de passe>@db.example/app",
    "Clé AKIAIOSFODNN7EXAMPLE du manuel",
    "sk-learn et sk_test sont des noms, key-value aussi, eyJ n'est rien",
    "ghp_ suivi de 36 caractères est un jeton",
    "https://a.example/2026/03/10/compte-rendu-de-la-reunion-hebdomadaire-de-production",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "Horaires 08:30@bureau, 12:00 cantine",
    "http://localhost:8080/@fs/src/app.py",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "password = à demander au support",
    "Server=db;Database=app; rien d'autre",
    "Bonjour à tous, la réunion commence à 14h30 en salle B12, merci d'apporter vos chiffres.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_no_secret(text):
    assert secret_spans(text) == []


def test_thousands_of_ordinary_posts_are_no_secrets():
    words = [
        "réunion",
        "projet",
        "v2.1",
        "lot_12",
        "B2B",
        "api-key",
        "base64",
        "0x7ffe",
        "commit",
        "9fceb02",
        "ref:AB-12",
        "a@b.example",
        "key:",
        "token",
    ]
    dice = random.Random(7)
    assert not any(secret_spans(" ".join(dice.choices(words, k=60))) for _ in range(2_000))
