"""The conversation with a directory: a real OpenLDAP server, and some that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.directory import ber, filters
from app.auth.directory.entries import Described, described, groups_of, same_name
from app.auth.directory.trouble import Malformed, Trouble, Unreachable
from app.auth.directory.wire import Connection, Found, Server
from tests.slapd import BASE, GROUPS, PASSWORD, PEOPLE, SERVICE, SERVICE_PASSWORD, start_slapd

EVERYBODY = filters.compiled("(objectClass=inetOrgPerson)")({})


@pytest.mark.parametrize("how", ["StartTLS", "ldaps"])
def test_a_password_is_right_or_not_over_either_kind_of_tls(slapd, how):
    slapd.person("ana")
    server = slapd.server() if how == "StartTLS" else slapd.server(url=f"ldaps://localhost:{slapd.tls_port}")
    with Connection(server) as conversation:
        assert conversation._socket.version().startswith("TLSv1.")
        assert conversation.bind(f"uid=ana,{PEOPLE}", PASSWORD)
        assert not conversation.bind(f"uid=ana,{PEOPLE}", "another")
        assert not conversation.bind(f"uid=nobody,{PEOPLE}", PASSWORD)


@pytest.mark.parametrize("wrong", ["authority", "name"])
@pytest.mark.parametrize("how", ["StartTLS", "ldaps"])
def test_a_certificate_that_nobody_vouches_for_ends_the_conversation(slapd, how, wrong):
    kind, port = ("ldap", slapd.port) if how == "StartTLS" else ("ldaps", slapd.tls_port)
    host, ca = ("127.0.0.1", slapd.ca_file) if wrong == "name" else ("localhost", f"{slapd.folder}/other.pem")
    server = slapd.server(url=f"{kind}://{host}:{port}", ca_file=ca)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        Connection(server)
    Connection(Server(url=server.url, ca_file=ca, verifies=False)).close()


def test_a_name_without_a_password_is_never_sent(slapd):
    slapd.person("ana")
    with Connection(slapd.server()) as conversation:
        assert not conversation.bind(f"uid=ana,{PEOPLE}", "")


def test_more_entries_than_fit_into_one_answer_all_come(slapd):
    slapd.stop()
    many = "\n".join(
        f"dn: uid=p{n},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: p{n}\ncn: P {n}\nsn: {n}\n"
        for n in range(1_203)
    )
    crowded = start_slapd(many)
    try:
        with Connection(crowded.server()) as conversation:
            assert conversation.bind(SERVICE, SERVICE_PASSWORD)
            found = list(conversation.all_of(PEOPLE, EVERYBODY, ["uid"]))
            assert len({one.dn for one in found}) == 1_203
            with pytest.raises(Trouble, match="search answered 4"):
                conversation.search(PEOPLE, EVERYBODY, ["uid"])
            assert len(conversation.search(PEOPLE, EVERYBODY, ["uid"], most=2)) == 2
    finally:
        crowded.stop()


def test_what_is_typed_is_a_value_whatever_it_holds(slapd):
    slapd.person("ana")
    slapd.person("bo*)(uid=*", mail="bo@acme.example")
    asked = filters.compiled("(&(objectClass=inetOrgPerson)(|(uid={login})(mail={login})))", "login")
    with Connection(slapd.server()) as conversation:
        conversation.bind(SERVICE, SERVICE_PASSWORD)

        def found(login: str) -> list[str]:
            hits = conversation.search(PEOPLE, asked({"login": login}), ["uid"])
            return [one.attributes["uid"][0].decode() for one in hits]

        assert found("ana") == ["ana"]
        assert found("bo*)(uid=*") == ["bo*)(uid=*"]
        for typed in (
            "*",
            "a*",
            "ana)(uid=*",
            "*)(objectClass=*",
            "\\2a",
            "ana\\00",
            "ana\0",
            "{login}",
            "ána",
            "",
        ):
            assert found(typed) == [], typed


def test_the_second_server_answers_when_the_first_is_away(slapd):
    slapd.person("ana")
    away = Server(url="ldap://localhost:9", patience=1)
    company = slapd.company(servers=(away, slapd.server()))
    assert company.sign_in("ana", PASSWORD).login == "ana"
    assert [bool(trouble) for _url, trouble in company.check()] == [True, False]
    with pytest.raises(Unreachable):
        slapd.company(servers=(away,)).sign_in("ana", PASSWORD)


def test_a_service_account_that_is_refused_is_said_to_admins(slapd):
    company = slapd.company(bind_password="another")
    with pytest.raises(Trouble, match="service account"):
        company.sign_in("ana", PASSWORD)
    assert "service account" in company.check()[0][1]
    assert "32" in slapd.company(base=f"ou=nowhere,{BASE}").check()[0][1]


@pytest.mark.parametrize("typed", ["", PASSWORD + "\0", "\0" + PASSWORD, PASSWORD[:-1], "*"])
def test_only_the_whole_password_is_one(slapd, typed):
    slapd.person("ana")
    assert slapd.company().sign_in("ana", typed) is None
    assert slapd.company().sign_in("ana", PASSWORD) is not None


def test_two_hits_are_nobody(slapd):
    slapd.person("ana")
    slapd.person("bo", mail="ana", userPassword="of bo himself")
    assert slapd.company().sign_in("ana", PASSWORD) is None
    assert slapd.company().sign_in("bo", "of bo himself").login == "bo"


def test_groups_by_membership_and_by_search_and_only_below_their_base(slapd):
    ana = slapd.person("ana")
    slapd.group("writers", ana)
    slapd.add(f"cn=writers,{BASE}", objectClass="groupOfNames", cn="writers", member=[ana])
    slapd.add(f"cn=admins,{BASE}", objectClass="groupOfNames", cn="admins", member=[ana])
    assert slapd.company().find("ana").groups >= {"writers", "admins"}
    below = slapd.company(groups_base=GROUPS).find("ana").groups
    assert below == {"writers", f"cn=writers,{GROUPS}"}


# --- servers that misbehave


def answering(*answers: bytes, silent: bool = False) -> tuple[Server, Callable[[], None]]:
    """A server that says these bytes, one for each thing it is asked, or nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            client, _where = listener.accept()
        except OSError:
            return
        with client:
            for answer in answers:
                client.recv(4_096)
                client.sendall(answer)
            while silent and client.recv(4_096):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"ldap://127.0.0.1:{listener.getsockname()[1]}"

    def end() -> None:
        listener.close()
        thread.join(5)

    return Server(url=url, starts_tls=False, patience=0.5), end


def test_a_server_that_accepts_and_says_nothing_is_given_up():
    server, end = answering(silent=True)
    with pytest.raises(Unreachable, match=r"timed out|no answer"), Connection(server) as conversation:
        conversation.bind("cn=x", "y")
    end()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x84\xff\xff\xff\xff" + b"x" * 20,
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04",
        ber.tlv(ber.SEQUENCE, ber.whole(7), ber.tlv(0x61)),
        ber.tlv(ber.SEQUENCE, ber.whole(1), ber.tlv(0x61)),
        ber.tlv(ber.SEQUENCE, ber.whole(1), ber.tlv(0x64, ber.octets("x"), ber.tlv(ber.SEQUENCE))),
        b"",
    ],
)
def test_answers_that_are_none_are_trouble_and_nothing_else(answer):
    server, end = answering(answer)
    with pytest.raises(Trouble), Connection(server) as conversation:
        conversation.bind("cn=x", "y")
    end()


def test_a_referral_is_not_followed():
    told = ber.tlv(0x61, ber.whole(10, ber.ENUMERATED), ber.octets(""), ber.octets(""),
                   ber.tlv(0xA3, ber.octets("ldap://evil.example")))  # fmt: skip
    server, end = answering(ber.tlv(ber.SEQUENCE, ber.whole(1), told))
    with pytest.raises(Trouble, match="bind answered 10"), Connection(server) as conversation:
        conversation.bind("cn=x", "y")
    end()


def test_nothing_said_before_tls_counts_after_it():
    agreed = ber.tlv(0x78, ber.whole(0, ber.ENUMERATED), ber.octets(""), ber.octets(""))
    early = ber.tlv(ber.SEQUENCE, ber.whole(2), ber.tlv(0x61, ber.whole(0, ber.ENUMERATED)))
    server, end = answering(ber.tlv(ber.SEQUENCE, ber.whole(1), agreed) + early)
    with pytest.raises(Unreachable, match="before the connection was secured"):
        Connection(Server(url=server.url, patience=0.5))
    end()


# --- encoding, filters and names


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content):
    try:
        parts = list(ber.elements(content))
    except Malformed:
        return
    assert sum(len(inner) for _tag, inner in parts) < max(1, len(content))


@given(st.integers(-(2**31), 2**31), st.binary(max_size=300))
def test_what_is_written_is_read_back(number, content):
    assert [ber.number_in(n) for _t, n in ber.elements(ber.whole(number))] == [number]
    assert list(ber.elements(ber.octets(content))) == [(ber.OCTETS, content)]


@pytest.mark.parametrize(
    "text",
    ["", "uid={login}", "(uid={login}", "(uid={login}))", "(&)", "(!(a=b)(c=d))", "(=x)", "(uid={password})",
     "(uid=\\zz)", "(uid=**)", "(uid:dn=x)", "(" * 50 + "a=b" + ")" * 50],
)  # fmt: skip
def test_what_is_no_filter_is_refused_at_the_start(text):
    with pytest.raises(ValueError):
        filters.compiled(text, "login")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(uid={dn})", "a30b 0403756964 0404636e3d78"),
        ("(cn=a*b\\2a*c)", "a410 0402636e 300a 800161 8102622a 820163"),
        ("(sn=*)", "8702736e"),
        ("(!(n>=3))", "a208 a506 04016e 040133"),
        ("(m:1.2:={dn})", "a90e 8103312e32 82016d 8304636e3d78"),
        ("(ou:dn:=x)", "a90a 82026f75 830178 8401ff"),
        ("(&(sn=*)(|(o=1)(o~=2)))", "a016 8702736e a110 a306 04016f 040131 a806 04016f 040132"),
    ],
)
def test_filters_are_written_as_the_standard_says(text, written):
    made = filters.compiled(text, "dn")({"dn": "cn=x"})
    assert made.hex() == written.replace(" ", "")


def test_names_are_the_same_however_they_are_spelt():
    assert same_name("CN=Ana\\, Head , OU=People") == same_name("cn=ana\\2C head,ou=people")
    assert same_name("cn=ana\\, head") != same_name("cn=ana,cn=head")
    assert same_name("") == ""
    assert groups_of([b"CN=Parvis Admins,OU=Groups,DC=acme"]) == {
        "parvis admins", "cn=parvis admins,ou=groups,dc=acme",
    }  # fmt: skip


def test_an_active_directory_entry_is_understood():
    from app.auth.directory.entries import AD, ATTRIBUTES

    raw = {
        "objectguid": [bytes(range(16))], "samaccountname": [b"ana"], "displayname": [b"Ana\0 Duval\n"],
        "mail": [b"Ana@Acme.Example"], "useraccountcontrol": [b"514"], "preferredlanguage": [b"en-GB"],
    }  # fmt: skip
    who = described(Found("CN=Ana,DC=acme", raw), ATTRIBUTES[AD])
    assert isinstance(who, Described)
    assert who.subject == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert (who.login, who.name, who.email, who.locale) == ("ana", "Ana Duval", "ana@acme.example", "en")
    assert who.is_closed
    assert not described(Found("", {**raw, "useraccountcontrol": [b"512"]}), ATTRIBUTES[AD]).is_closed
    assert described(Found("", {"samaccountname": [b"ana"]}), ATTRIBUTES[AD]) is None
