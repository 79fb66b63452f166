#!/usr/bin/python3
"""Tries the gate with a server that passes, and with one thing wrong at a time."""

import unittest

import gate

GOOD = {
    "SSLv2": "not offered",
    "SSLv3": "not offered",
    "TLS1": "not offered",
    "TLS1_1": "not offered",
    "TLS1_2": "offered",
    "TLS1_3": "offered with final",
    "PFS": "offered",
    "PFS_ciphers": "TLS_AES_256_GCM_SHA384 TLS_AES_128_GCM_SHA256 ECDHE-ECDSA-CHACHA20-POLY1305",
    "PFS_ECDHE_curves": "prime256v1 X25519",
    "cert_keySize": "EC 256 bits",
    "cert_signatureAlgorithm": "ECDSA with SHA256",
    "cert_trust": "Ok via SAN",
    "cert_chain_of_trust": "passed.",
    "HSTS_time": "730 days (=63072000 seconds) > 15552000 seconds",
    "secure_renego": "supported",
    "secure_client_renego": "not vulnerable",
    "heartbleed": "not vulnerable, no heartbeat extension",
}


def judge(severities=None, exceptions=(), **changes):
    severities = severities or {}
    rows = [
        {"id": name, "finding": finding, "severity": severities.get(name, "OK")}
        for name, finding in {**GOOD, **changes}.items()
    ]
    return gate.judge(rows, [{"id": name, "reason": "a test"} for name in exceptions])


class Gate(unittest.TestCase):
    def test_passes_a_good_server(self):
        self.assertEqual(judge(), [])

    def test_refuses_one_wrong_thing(self):
        for changes in (
            {"TLS1_1": "offered (deprecated)"},
            {"TLS1_3": "not offered"},
            {"SSLv3": "offered"},
            {"PFS": "not offered"},
            {"PFS_ciphers": "ECDHE-ECDSA-AES128-SHA256 TLS_AES_256_GCM_SHA384"},
            {"PFS_ciphers": ""},
            {"cert_keySize": "RSA 512 bits"},
            {"cert_chain_of_trust": "failed (self signed)."},
            {"cert_trust": "certificate does not match supplied URI"},
            {"cert_signatureAlgorithm": "SHA1 with RSA"},
            {"HSTS_time": "30 days"},
            {"HSTS_time": "not offered"},
            {"secure_client_renego": "VULNERABLE, DoS threat"},
            {"secure_renego": "not supported"},
            {"heartbleed": "VULNERABLE"},
        ):
            with self.subTest(changes=changes):
                self.assertNotEqual(judge(**changes), [])

    def test_refuses_a_severe_finding_without_exception(self):
        for severity in ("MEDIUM", "HIGH", "CRITICAL", "WARN"):
            severe = {"cert_trust": severity}
            self.assertEqual(len(judge(severities=severe)), 1)
            self.assertEqual(judge(severities=severe, exceptions=["cert_trust"]), [])

    def test_lets_minor_findings_pass(self):
        self.assertEqual(judge(severities={"cert_trust": "LOW"}), [])

    def test_refuses_an_exception_that_is_not_needed(self):
        self.assertEqual(len(judge(exceptions=["cert_trust"])), 1)


if __name__ == "__main__":
    unittest.main()
