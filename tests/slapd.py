"""A real OpenLDAP server on loopback, with its own folder, its own certificate and people of its own."""

from __future__ import annotations

import datetime
import functools
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.auth.directory import ber
from app.auth.directory.company import Company, Directory
from app.auth.directory.wire import Connection, Server
from app.kernel import clock
from tests import services
from tests.processes import free_port, listens, new_folder, own, server_user, start, wait_until

BASE, ROOT, SECRET = "dc=acme,dc=example", "cn=root,dc=acme,dc=example", "root-of-the-test"
SERVICE, SERVICE_PASSWORD = "cn=parvis,dc=acme,dc=example", "service-of-the-test"
PASSWORD = "correct horse battery"
PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile {folder}/pid
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{base}"
rootdn "{root}"
rootpw "{secret}"
directory {folder}/data
sizelimit size.soft=500 size.hard=500 size.pr=500 size.prtotal=unlimited
overlay memberof
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by anonymous auth by * none
"""
BEGINNING = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Acme
dc: acme

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: parvis
userPassword: {SERVICE_PASSWORD}
"""


@dataclass
class Slapd:
    """One running server."""

    folder: Path
    port: int
    tls_port: int
    command: list[str]
    user: str | None
    process: subprocess.Popen[bytes]

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def server(self, **more: Any) -> Server:
        """How to reach it: over StartTLS, unless told otherwise."""
        return Server(**{"url": f"ldap://localhost:{self.port}", "ca_file": self.ca_file, **more})

    def company(self, **more: Any) -> Company:
        """The product's view of it."""
        known = {
            "servers": (self.server(),), "base": PEOPLE, "bind_dn": SERVICE,
            "bind_password": SERVICE_PASSWORD, "least_seconds": 0.0,
        }  # fmt: skip
        return Company(Directory(**{**known, **more}))

    def person(self, login: str, **more: Any) -> str:
        """A new person in it; answers their name there."""
        known = {
            "objectClass": "inetOrgPerson", "uid": login, "cn": login.title(), "sn": login.title(),
            "mail": f"{login}@acme.example", "userPassword": PASSWORD,
        }  # fmt: skip
        return self.add(f"uid={login},{PEOPLE}", **{**known, **more})

    def group(self, name: str, *members: str) -> str:
        return self.add(f"cn={name},{GROUPS}", objectClass="groupOfNames", cn=name, member=list(members))

    def add(self, dn: str, **attributes: Any) -> str:
        listed = [_attribute(name, value) for name, value in attributes.items() if value != []]
        self._write(ber.tlv(0x68, ber.octets(dn), ber.tlv(ber.SEQUENCE, *listed)), 0x69)
        return dn

    def put(self, dn: str, **attributes: Any) -> None:
        """Give an entry these values instead of those it has."""
        changes = [
            ber.tlv(ber.SEQUENCE, ber.whole(2, ber.ENUMERATED), _attribute(name, value))
            for name, value in attributes.items()
        ]
        self._write(ber.tlv(0x66, ber.octets(dn), ber.tlv(ber.SEQUENCE, *changes)), 0x67)

    def remove(self, dn: str) -> None:
        self._write(ber.octets(dn, 0x4A), 0x6B)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    def go_on(self) -> None:
        self.process = start(self.command, user=self.user, log=self.folder / "log")
        wait_until(lambda: listens(self.tls_port), "slapd", self.folder / "log")

    def _write(self, request: bytes, expected: int) -> None:
        with Connection(self.server()) as conversation:
            assert conversation.bind(ROOT, SECRET)
            code, said, _controls = conversation._result(conversation._ask(request), expected)
            assert code == 0, (code, said)


def start_slapd(ldif: str = "") -> Slapd:
    """A server of the caller's own with these entries in it; it ends with the process at the latest."""
    program, user, folder = services.slapd(), server_user(), new_folder("parvis-slapd-")
    (folder / "data").mkdir()
    known = {"folder": folder, "base": BASE, "root": ROOT, "secret": SECRET, "service": SERVICE}
    (folder / "slapd.conf").write_text(CONFIGURATION.format(**known))
    (folder / "start.ldif").write_text(f"{BEGINNING}\n{ldif}")
    for name, content in certificates().items():
        (folder / name).write_bytes(content)
    for path in (folder, *folder.iterdir()):
        own(path, user)
    told = ["-f", str(folder / "slapd.conf")]
    fill = [program.replace("slapd", "slapadd"), "-q", *told, "-l", str(folder / "start.ldif")]
    filled = subprocess.run(fill, user=user, check=False, capture_output=True, text=True, cwd="/")
    assert filled.returncode == 0, filled.stderr
    port, tls_port = free_port(), free_port()
    where = (
        f"ldap://127.0.0.1:{port} ldap://[::1]:{port} ldaps://127.0.0.1:{tls_port} ldaps://[::1]:{tls_port}"
    )
    command = [program, "-h", where, *told, "-d", "0"]
    made = Slapd(folder, port, tls_port, command, user, process=None)  # type: ignore[arg-type]
    made.go_on()
    return made


@functools.cache
def certificates() -> dict[str, bytes]:
    """A server's certificate for this machine, who signed it, and somebody else who didn't."""
    from cryptography.hazmat.primitives import serialization

    ca_key, ca = _signed("Acme CA")
    key, server = _signed("localhost", ca, ca_key)
    pem = serialization.Encoding.PEM
    return {
        "ca.pem": ca.public_bytes(pem),
        "other.pem": _signed("Other CA")[1].public_bytes(pem),
        "server.pem": server.public_bytes(pem),
        "server.key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    }


def _signed(name: str, by: Any = None, by_key: Any = None) -> tuple[Any, Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName("localhost")] if by else []
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by:
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        made = made.add_extension(signer, critical=False)
    else:
        signs = dict.fromkeys(
            ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only"], False)  # fmt: skip
        usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **signs)
        made = made.add_extension(usage, critical=True)
    return key, made.sign(by_key or key, hashes.SHA256())


def _attribute(name: str, value: Any) -> bytes:
    values = value if isinstance(value, list) else [value]
    return ber.tlv(ber.SEQUENCE, ber.octets(name), ber.tlv(ber.SET, *(ber.octets(one) for one in values)))
