from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.gate.address import BadNetwork, Networks, Resolver, canonical, parse_networks

PROXY, OUTER_PROXY, CALLER = "10.0.0.1", "10.0.0.2", "203.0.113.9"
PROXIES = parse_networks("10.0.0.0/29")
ADDRESSES = st.ip_addresses()


def resolve(peer=PROXY, header="X-Forwarded-For", trust_unix=False, **headers):
    environ = {"REMOTE_ADDR": peer} | {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return Resolver(PROXIES, header, trust_unix=trust_unix).resolve(environ)


def behind_proxy(value):
    found = resolve(x_forwarded_for=value)
    return found.address and str(found.address), found.reason


def behind_modern_proxy(value):
    found = resolve(header="Forwarded", forwarded=value)
    return found.address and str(found.address), found.reason


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("  203.0.113.9\t", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("203.0.113.9:_hidden", "203.0.113.9"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:DB8::1]:4711", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::FFFF:cb00:7109", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25]:80", "fe80::1"),
    ],
)
def test_an_address_has_one_form_however_it_is_spelt(written, meant):
    assert canonical(written) == ip_address(meant)


@pytest.mark.parametrize(
    "garbage",
    [
        "", " ", "unknown", "_hidden", "localhost", "203.0.113", "203.0.113.256", "203.0.113.009",
        "0x7f.0.0.1", "2130706433", "127.1", "203.0.113.9/32", "203.0.113.9%eth0", "203.0.113.9:",
        "203.0.113.9:123456",
        "203.0.113.9 x", "203.0.113.9\n", "203.0.113.9\x00", "[203.0.113.9]", "[2001:db8::1", "2001:db8::1]",
        "[2001:db8::1]x", "[[::1]]",
        "2001:db8::1::2", "2001:db8:::1", "fe80::1%", "fe80::1%a%b", "fe80::1%a b",
        "١٢٧.0.0.1", "\uff11\uff12\uff17.0.0.1", "127。0。0。1", "::ffff:203.0.113.256", "1" * 10_000,
    ],
)  # fmt: skip
def test_what_is_not_exactly_one_address_is_none(garbage):
    assert canonical(garbage) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_addresses(text):
    found = canonical(text)
    assert found is None or canonical(str(found)) == found


@given(ADDRESSES)
def test_every_address_is_read_back(address):
    wanted = getattr(address, "ipv4_mapped", None) or address
    assert canonical(str(address)) == canonical(str(address).upper()) == wanted
    if address.version == 6:
        assert canonical(f"[{address.exploded}]:443") == wanted


def test_networks_contain_their_addresses_and_no_others():
    networks = parse_networks("10.0.0.0/8, 10.0.0.0/9\n192.0.2.7 ; 2001:DB8::/32")
    inside = ("10.0.0.0", "10.255.255.255", "192.0.2.7", "2001:db8::", "2001:db8:ffff::1")
    outside = ("9.255.255.255", "11.0.0.0", "192.0.2.6", "192.0.2.8", "2001:db7::1", "2001:db9::", "::a00:1")
    assert [text for text in (*inside, *outside) if canonical(text) in networks] == list(inside)
    assert None not in networks
    assert ip_address("10.0.0.1") not in Networks()


def test_wrapped_networks_are_unwrapped_and_wide_ones_stay_in_their_family():
    assert str(parse_networks("::ffff:10.0.0.0/104, ::ffff:192.0.2.7")) == "10.0.0.0/8, 192.0.2.7/32"
    assert ip_address("10.1.2.3") not in parse_networks("::/0")
    assert ip_address("::1") not in parse_networks("0.0.0.0/0")


@given(
    st.lists(ADDRESSES.flatmap(lambda a: st.integers(0, a.max_prefixlen).map(lambda n: (a, n))), max_size=8),
    ADDRESSES,
)
def test_membership_agrees_with_the_plain_definition(pairs, address):
    networks = [ip_network(pair, strict=False) for pair in pairs]
    probes = [address, *(n.network_address for n in networks), *(n.broadcast_address for n in networks)]
    for probe in probes:
        plainly = any(probe in network for network in networks if network.version == probe.version)
        assert (probe in Networks(networks)) is plainly


@pytest.mark.parametrize(
    "entry", ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "nonsense", "fe80::%eth0/64", "/8", "::/129"]
)
def test_a_bad_network_is_named_in_the_refusal(entry):
    with pytest.raises(BadNetwork, match=entry) as refusal:
        parse_networks(["192.0.2.0/24", entry])
    assert refusal.value.entry == entry


def test_a_host_inside_a_network_gets_a_suggestion():
    with pytest.raises(BadNetwork, match=r"did you mean 10\.0\.0\.0/8\?"):
        parse_networks("10.0.0.1/8")


def test_without_a_proxy_the_peer_counts_and_headers_change_nothing():
    direct = resolve(peer=CALLER)
    forged = resolve(peer=CALLER, x_forwarded_for="10.0.0.9", forwarded="for=10.0.0.9", x_real_ip="10.0.0.9")
    assert (str(direct.address), direct.reason, direct.ignored) == (CALLER, "direct", False)
    assert (str(forged.address), forged.reason, forged.ignored) == (CALLER, "direct", True)
    assert str(resolve(peer=CALLER, x_forwarded_for="rubbish,,").address) == CALLER


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (CALLER, (CALLER, "forwarded")),
        (f"192.168.1.1, {CALLER}", (CALLER, "forwarded")),
        (f"rubbish,,127.0.0.1,{CALLER}", (CALLER, "forwarded")),
        (f"192.168.1.1, {CALLER}, {OUTER_PROXY}", (CALLER, "forwarded")),
        (f"{CALLER}:1234, [::ffff:10.0.0.2]:80 ", (CALLER, "forwarded")),
        ("2001:DB8::0:1", ("2001:db8::1", "forwarded")),
        ("", (None, "unreadable")),
        (f"{CALLER}, ", (None, "unreadable")),
        (f"{CALLER}, rubbish", (None, "unreadable")),
        (f"{CALLER}, rubbish, {OUTER_PROXY}", (None, "unreadable")),
        (f"{CALLER}, unknown", (None, "unreadable")),
        (OUTER_PROXY, (None, "only proxies")),
        (f"{OUTER_PROXY}, {PROXY}", (None, "only proxies")),
    ],
)
def test_behind_a_proxy_the_rightmost_stranger_counts(value, expected):
    assert behind_proxy(value) == expected


def test_a_proxy_that_says_nothing_leaves_the_caller_unknown():
    assert (resolve().address, resolve().reason) == (None, "unforwarded")
    assert resolve(header="Forwarded", x_forwarded_for=CALLER).address is None
    assert resolve(forwarded=f"for={CALLER}", x_real_ip=CALLER).address is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"for={CALLER}", (CALLER, "forwarded")),
        (f"For={CALLER};proto=https;by={PROXY}", (CALLER, "forwarded")),
        (f'proto=https;for="{CALLER}:4711"', (CALLER, "forwarded")),
        ('for="[2001:db8::1]:4711"', ("2001:db8::1", "forwarded")),
        ('for="[2001:db8::1]:_p4711"', ("2001:db8::1", "forwarded")),
        (r'for="\2\03.0.113.9"', (CALLER, "forwarded")),
        (f"for=127.0.0.1, for={CALLER}", (CALLER, "forwarded")),
        (f"for=127.0.0.1, for={CALLER} , for={OUTER_PROXY}", (CALLER, "forwarded")),
        (f'for=127.0.0.1;host="x, for={CALLER}', (CALLER, "forwarded")),
        (f'for={CALLER};host="x, for=127.0.0.1"', (None, "unreadable")),
        (f'for={CALLER};host="x,for=127.0.0.1;y=";by="{PROXY}"', (None, "unreadable")),
        (f'rubbish;;"", for={CALLER}', (CALLER, "forwarded")),
        (f'for=127.0.0.1;x=", for={CALLER};host=";y=""', (None, "unreadable")),
        (f"for={CALLER}, for=unknown", (None, "unreadable")),
        (f"for={CALLER}, for=_hidden", (None, "unreadable")),
        (f"for={CALLER}, proto=https", (None, "unreadable")),
        (f"for={CALLER};for=127.0.0.1", (None, "unreadable")),
        (f"for={CALLER}, ", (None, "unreadable")),
        (f"for={CALLER}, for=[2001:db8::1]", (None, "unreadable")),
        (f"for={OUTER_PROXY}", (None, "only proxies")),
        ("", (None, "unreadable")),
    ],
)
def test_the_standard_header_is_read_from_the_right_too(value, expected):
    assert behind_modern_proxy(value) == expected


@given(st.text(st.characters(max_codepoint=255), max_size=200), ADDRESSES)
def test_forged_left_parts_change_nothing(forged, caller):
    caller = canonical(str(caller))
    assume(caller not in PROXIES)
    node = f'"[{caller}]:4711"' if caller.version == 6 else caller
    assert resolve(x_forwarded_for=f"{forged}, {caller}").address == caller
    assert resolve(header="Forwarded", forwarded=f"{forged}, for={node};proto=https").address == caller


@given(st.text('for=",;\\ 127.0.0.1_:[]', max_size=120), st.text('for=",;\\ 127.0.0.1', max_size=40))
def test_neither_quotes_nor_a_quoted_host_header_can_swallow_what_the_proxy_adds(forged, host):
    quoted = host.replace("\\", "\\\\").replace('"', '\\"')
    value = f'{forged}, for={CALLER};host="{quoted}";proto=https'
    expected = (None, "unreadable") if "," in host else (CALLER, "forwarded")
    assert behind_modern_proxy(value) == expected


@given(st.text(max_size=300), st.sampled_from(["X-Forwarded-For", "Forwarded"]))
def test_no_header_breaks_the_resolver(value, header):
    found = resolve(header=header, x_forwarded_for=value, forwarded=value)
    assert found.address is None or found.address not in PROXIES


def test_a_long_malicious_header_is_refused_quickly():
    assert behind_modern_proxy(',a="' * 2000) == (None, "unreadable")
    assert behind_proxy("," * 8000) == (None, "unreadable")


def test_a_unix_socket_is_nobody_unless_it_was_named_as_a_proxy():
    assert (resolve(peer="").address, resolve(peer="").reason) == (None, "no peer")
    assert resolve(peer="", x_forwarded_for=CALLER).address is None
    assert str(resolve(peer="", trust_unix=True, x_forwarded_for=CALLER).address) == CALLER
    assert resolve(peer="", trust_unix=True).address is None
    assert resolve(peer="rubbish", trust_unix=True, x_forwarded_for=CALLER).address is None


def test_a_wrapped_peer_is_recognised_as_the_proxy_it_is():
    assert str(resolve(peer="::ffff:10.0.0.1", x_forwarded_for=CALLER).address) == CALLER
    assert isinstance(canonical("::ffff:10.0.0.1"), IPv4Address)
    assert isinstance(canonical("::10.0.0.1"), IPv6Address)
