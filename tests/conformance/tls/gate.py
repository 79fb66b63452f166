#!/usr/bin/python3
"""Judges what testssl.sh found: gate.py FINDINGS_JSON EXCEPTIONS_JSON

Fails for every finding of severity MEDIUM or worse that has no exception, for every exception that
was not needed, and where the conditions of SSL Labs' grade A+ (rating guide 2009r) are not met.
"""

import json
import re
import sys

BAD = ("MEDIUM", "HIGH", "CRITICAL", "FATAL")
HALF_A_YEAR = 180 * 24 * 3600
# Of curves, the RSA key of the same strength: the guide counts in those.
CURVES = {"X25519": 3072, "P-256": 3072, "P-384": 7680, "P-521": 15360, "X448": 7680}


class Findings:
    """Findings of one run by id."""

    def __init__(self, rows):
        self.rows = rows
        self._by_id = {row["id"]: row["finding"] for row in rows}

    def text(self, name):
        return self._by_id.get(name, "")

    def starts(self, name, *beginnings):
        return self.text(name).startswith(beginnings)

    def has(self, name):
        return name in self._by_id

    def ciphers(self):
        """Returns the cipher suites that are offered, TLS 1.3 and before."""
        return self.text("PFS_ciphers").split()


def severe(findings, exceptions):
    """Returns complaints about findings without exception and exceptions without finding."""
    found = {row["id"]: row for row in findings.rows if row["severity"] in BAD}
    warned = {row["id"] for row in findings.rows if row["severity"] == "WARN"}
    excepted = {entry["id"] for entry in exceptions if entry["reason"]}
    complaints = [
        f"{row['severity']} {name}: {row['finding']}"
        for name, row in found.items()
        if name not in excepted
    ]
    complaints += [f"WARN {name}: not excepted" for name in sorted(warned - excepted)]
    complaints += [f"exception not needed: {name}" for name in excepted - found.keys() - warned]
    return complaints


def protocol_score(findings):
    scores = {"SSLv2": 0, "SSLv3": 80, "TLS1": 90, "TLS1_1": 95, "TLS1_2": 100, "TLS1_3": 100}
    offered = [score for name, score in scores.items() if findings.starts(name, "offered")]
    return (min(offered) + max(offered)) / 2 if offered else 0


def exchange_score(findings):
    """The weakest of key and curve counts."""
    key = re.match(r"(EC|RSA) (\d+) bits", findings.text("cert_keySize"))
    if not key:
        return 0
    bits = int(key[2]) * 12 if key[1] == "EC" else int(key[2])
    names = {"prime256v1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
    curves = [names.get(name, name) for name in findings.text("PFS_ECDHE_curves").split()]
    strengths = [bits] + [CURVES.get(curve, 0) for curve in curves]
    weakest = min(strengths)
    return 100 if weakest >= 4096 else 90 if weakest >= 2048 else 80 if weakest >= 1024 else 0


def cipher_bits(name):
    if "256" in name.replace("SHA256", "") or "CHACHA20" in name:
        return 256
    return 128 if "128" in name.replace("SHA128", "") else 0


def cipher_score(findings):
    def score(bits):
        return 100 if bits >= 256 else 80 if bits >= 128 else 20 if bits > 0 else 0

    scores = [score(cipher_bits(name)) for name in findings.ciphers()]
    return (min(scores) + max(scores)) / 2 if scores else 0


def total_score(findings):
    return (
        0.3 * protocol_score(findings)
        + 0.3 * exchange_score(findings)
        + 0.4 * cipher_score(findings)
    )


def hsts_seconds(findings):
    found = re.search(r"max-age=(\d+)", findings.text("HSTS_time") + findings.text("HSTS"))
    if found:
        return int(found[1])
    days = re.search(r"(\d+) days", findings.text("HSTS_time"))
    return int(days[1]) * 24 * 3600 if days else 0


def below_a_plus(findings):
    """Returns the conditions of A+ that are not met."""
    aead = all(re.search("GCM|CHACHA20|CCM", name) for name in findings.ciphers())
    # Tests that a short run leaves out do not count; what was tested does.
    weak = [
        row["id"]
        for row in findings.rows
        if row["finding"].startswith("VULNERABLE") or row["finding"].startswith("vulnerable")
    ]
    conditions = {
        "the score is 80 or more": total_score(findings) >= 80,
        "no protocol before TLS 1.2": all(
            findings.starts(name, "not offered") for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")
        ),
        "TLS 1.2 and TLS 1.3": all(findings.starts(n, "offered") for n in ("TLS1_2", "TLS1_3")),
        "forward secrecy": findings.starts("PFS", "offered"),
        "authenticated encryption only": bool(findings.ciphers()) and aead,
        "the chain is trusted": findings.starts("cert_chain_of_trust", "passed"),
        "the name matches": findings.starts("cert_trust", "Ok"),
        "a strong signature": not re.search("MD5|SHA1", findings.text("cert_signatureAlgorithm")),
        "HSTS of half a year": hsts_seconds(findings) >= HALF_A_YEAR,
        "no known weakness": not weak,
        "secure renegotiation": not findings.has("secure_renego")
        or findings.starts("secure_renego", "supported"),
        "no renegotiation by clients": not findings.has("secure_client_renego")
        or findings.starts("secure_client_renego", "not vulnerable"),
    }
    return [f"not A+: {name}" for name, met in conditions.items() if not met]


def judge(rows, exceptions):
    findings = Findings(rows)
    return severe(findings, exceptions) + below_a_plus(findings)


def main():
    rows, exceptions = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
    complaints = judge(rows, exceptions)
    for complaint in complaints:
        print(complaint)
    print(f"score {total_score(Findings(rows)):.0f}, {len(rows)} findings")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
