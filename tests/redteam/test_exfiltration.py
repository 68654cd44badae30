"""Attacks 35 to 43: ways out of the process, and to what it could take along."""

from typing import Any

import pytest

from redteam.checking import check

pytestmark = pytest.mark.slow


def test_35_environment(tried: Any) -> None:
    check(tried, "exfiltration", "35")


def test_36_tcp_anywhere(tried: Any) -> None:
    check(tried, "exfiltration", "36", due=2)


def test_37_dns_tunnel(tried: Any) -> None:
    check(tried, "exfiltration", "37")


def test_38_other_kinds_of_sockets(tried: Any) -> None:
    check(tried, "exfiltration", "38", due=2)


def test_39_socket_of_a_daemon(tried: Any) -> None:
    check(tried, "exfiltration", "39")


def test_40_abstract_socket(tried: Any) -> None:
    check(tried, "exfiltration", "40")


def test_41_service_account_token(tried: Any) -> None:
    check(tried, "exfiltration", "41")


def test_43_keys_of_the_store(tried: Any) -> None:
    check(tried, "exfiltration", "43")
