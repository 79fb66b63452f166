#!/usr/bin/python3
"""A second verifier of audit exports, independent of the first.

It was written from services/audit/proof/README.md and the RFCs, uses nothing but Python's standard
library, and shares no algorithm with the C++ code where another one would do: proofs are followed
by recursion as RFC 6962 defines them, Ed25519 is RFC 8032 written out. It is slow and reads the
whole file into memory. What the two say must be the same: exit code, check, event.

    verify.py --origin NAME --key KEY [--witness KEY]... [--quorum N] [--since FILE] [--head FILE]
              [--receipts FILE] [--clinic ID] [--max-age SECONDS] [--at UNIX_SECONDS] FILE
    verify.py --origin NAME --key KEY [--witness KEY]... --cases <FILE  (a JSON object a line)
"""
import argparse
import base64
import json
import sys
import time
import uuid

from formats import (EMPTY_ROOT, SIZE_MAX, Checkpoint, Key, Malformed, Peaks, Truncated, consistent,
                     includes, is_bytes, is_leaf, leaf_hash, leaf_of, need, proof_of, read_head,
                     read_item, read_note, read_object, receipt_of, size_of, write_item)

ITEM_BYTES_MAX = 1024 * 1024
LINE_BYTES_MAX = 16 * 1024 * 1024
RECORDED_BACK_MAX = 300 * 10**6
CODES = {"ok": 0, "tampered": 2, "incomplete": 3, "stale": 4}


class Found(Exception):
    """The first thing that is wrong."""

    def __init__(self, verdict, check, index=None):
        super().__init__(verdict, check, index)
        self.verdict, self.check, self.index = verdict, check, index


class Events:
    """What is checked of every event, in the order of the log."""

    def __init__(self, clinic):
        self.clinic, self.recorded_at = clinic, None

    def check(self, index, leaf):
        recorded_at = leaf[5]
        if leaf[2] != self.clinic:
            raise Found("tampered", "clinic", index)
        if self.recorded_at is not None and recorded_at < self.recorded_at - RECORDED_BACK_MAX:
            raise Found("tampered", "recorded_at", index)
        if self.recorded_at is None or recorded_at > self.recorded_at:
            self.recorded_at = recorded_at


class Receipts:
    """Receipts that were kept, held against all leaves of an export."""

    def __init__(self, text):
        *lines, rest = text.split(b"\n")
        need(rest == b"")
        self.receipts = [receipt_of(read_object(line)) for line in lines]

    def judge(self, clinic, leaves, purged):
        """Each event with "ok" or what is wrong with it, in the order of the file."""
        hashes = {}
        for event, leaf in leaves:
            hashes.setdefault(event, set()).add(leaf)
        for owner, event, leaf in self.receipts:
            if owner == clinic and (leaf in purged or leaf in hashes.get(event, ())):
                yield event, "ok"
            else:
                yield event, "tampered" if owner == clinic and event in hashes else "incomplete"


class Verifier:
    def __init__(self, origin, keys, witnesses, quorum, since, head, max_age, now, clinic,
                 purged_below, receipts):
        self.receipts_text, self.proven, self.unproven = receipts, 0, []
        # What receipts are held against: events with the hashes of their leaves, and those of purged
        # ones.
        self.leaves, self.purged, self.log_clinic = [], set(), None
        self.purged_below, self.missing = purged_below, None
        self.clinic = clinic and uuid.UUID(clinic).bytes
        self.origin, self.keys, self.witnesses, self.quorum = origin, keys, witnesses, quorum
        self.since_text, self.head_text, self.max_age, self.now = since, head, max_age, now
        self.since = self.head = None
        self.events = self.redacted = 0

    def run(self, data):
        try:
            self.since = self.open_known(self.since_text, "since")
            self.head = self.open_known(self.head_text, "head")
            receipts = self.read_receipts()
            self.verify_lines(data) if data[:1] == b"{" else self.verify_sequence(data)
            self.check_receipts(receipts)
        except Found as found:
            return found
        return Found("ok", None)

    def read_receipts(self):
        try:
            return None if self.receipts_text is None else Receipts(self.receipts_text)
        except Malformed:
            raise Found("tampered", "receipts") from None

    def check_receipts(self, receipts):
        if receipts is None:
            return
        judged = list(receipts.judge(self.log_clinic, self.leaves, self.purged))
        self.unproven = [[str(uuid.UUID(bytes=event)), fate] for event, fate in judged
                         if fate != "ok"]
        self.proven = len(judged) - len(self.unproven)
        for verdict in ("tampered", "incomplete"):
            if any(fate == verdict for _, fate in self.unproven):
                raise Found(verdict, "receipt")

    def open_known(self, text, check):
        if text is None:
            return None
        try:
            checkpoint = Checkpoint(read_object(text))
            self.open(checkpoint, 0)
        except (Malformed, Found):
            raise Found("tampered", check) from None
        return checkpoint

    def open(self, checkpoint, quorum):
        try:
            text, signatures = read_note(checkpoint.note)
            origin, checkpoint.meta_size, checkpoint.meta_root = read_head(text)
        except Malformed:
            raise Found("tampered", "note") from None
        if origin != self.origin:
            raise Found("tampered", "signature")
        times = {}
        for name, key_id, blob in signatures:
            for key in self.keys + self.witnesses:
                if (key.name, key.key_id) != (name, key_id):
                    continue
                stated = key.time_signed(text.encode(), blob)
                if stated is None:
                    raise Found("tampered", "signature")
                times[key] = max(times.get(key, 0), stated)
        if not any(key in times for key in self.keys):
            raise Found("tampered", "signature")
        cosigned_at = [times[key] for key in self.witnesses if key in times]
        checkpoint.cosigned_at = sorted(cosigned_at, reverse=True)
        if len(checkpoint.cosigned_at) < quorum:
            raise Found("incomplete", "quorum")
        head = ["clinicd-clinic-head", 1, checkpoint.clinic, checkpoint.size, checkpoint.root]
        if not includes(checkpoint.meta_index, checkpoint.meta_size, leaf_hash(write_item(head)),
                        checkpoint.meta_proof, checkpoint.meta_root):
            raise Found("tampered", "meta_inclusion")

    def check_clinic(self, clinic):
        self.log_clinic = clinic
        if self.clinic is not None and clinic != self.clinic:
            raise Found("tampered", "clinic")

    def check_length(self, now):
        for known, check in ((self.since, "since"), (self.head, "head")):
            if known is None:
                continue
            if known.clinic != now.clinic:
                raise Found("tampered", check)
            if known.size > now.size:
                raise Found("stale", check)
            if known.size == now.size and known.root != now.root:
                raise Found("tampered", check)

    def check_meta(self, now, proof):
        old = self.since
        if old is None:
            return
        if old.meta_size > now.meta_size:
            raise Found("stale", "meta_consistency")
        if old.meta_size == now.meta_size:
            if old.meta_root != now.meta_root:
                raise Found("tampered", "meta_consistency")
            return
        if proof is None:
            raise Found("incomplete", "meta_consistency")
        if not consistent(old.meta_size, old.meta_root, now.meta_size, now.meta_root,
                          proof):
            raise Found("tampered", "meta_consistency")

    def check_age(self, recorded_at, cosigned_at):
        if self.max_age is None:
            return
        needed = max(self.quorum, 1)
        alive = [] if recorded_at is None else [recorded_at]
        if len(cosigned_at) >= needed and cosigned_at[needed - 1] > 0:
            alive.append(cosigned_at[needed - 1] * 10**6)
        if not alive or self.now - max(alive) > self.max_age:
            raise Found("stale", "age")

    # All events from some index on.

    def next_item(self, data, at):
        try:
            item, end = read_item(data, at)
        except Truncated:
            if len(data) - at > ITEM_BYTES_MAX:
                raise Found("tampered", "format") from None
            raise Found("incomplete", "end") from None
        except Malformed:
            raise Found("tampered", "format") from None
        if end - at > ITEM_BYTES_MAX:
            raise Found("tampered", "format")
        return item, end

    def verify_sequence(self, data):
        head, at = self.next_item(data, 0)
        peaks = Peaks()
        if not (isinstance(head, list) and len(head) == 5
                and head[:2] == ["clinicd-audit-export", 1] and is_bytes(head[2], 16)
                and isinstance(head[3], int) and head[3] >= 0
                and isinstance(head[4], list) and len(head[4]) <= 64
                and all(is_bytes(part, 32) for part in head[4])):
            raise Found("tampered", "format")
        sizes = [1 << bit for bit in range(62, -1, -1) if head[3] >> bit & 1]
        if len(sizes) != len(head[4]):
            raise Found("tampered", "frontier")
        peaks.size, peaks.trees = head[3], list(zip(sizes, head[4]))
        self.check_clinic(head[2])
        events, roots = Events(head[2]), {}
        while True:
            for known in (self.since, self.head):
                if known is not None and known.size == peaks.size:
                    roots[peaks.size] = peaks.root()
            self.events = peaks.size - head[3]
            start = at
            item, at = self.next_item(data, at)
            if isinstance(item, list) and len(item) == 3:
                break
            self.take_event(item, data[start:at], peaks, events)
        if at != len(data):
            raise Found("tampered", "trailing")
        self.finish_sequence(item, peaks, events, roots)

    def take_event(self, item, content, peaks, events):
        if peaks.size == SIZE_MAX:
            raise Found("tampered", "size", peaks.size)
        if is_bytes(item, 32):
            if self.missing is None and peaks.size >= self.purged_below:
                self.missing = peaks.size
            self.redacted += 1
            self.purged.add(item)
            peaks.push(item)
            return
        if not is_leaf(item):
            raise Found("tampered", "leaf", peaks.size)
        events.check(peaks.size, item)
        peaks.push(leaf_hash(content))
        self.leaves.append((item[3], leaf_hash(content)))

    def finish_sequence(self, end, peaks, events, roots):
        proof = end[2]
        is_proof = isinstance(proof, list) and len(proof) <= 64 and all(
            is_bytes(part, 32) for part in proof)
        if not (end[0] == "end" and isinstance(end[1], str) and (proof is None or is_proof)):
            raise Found("tampered", "format")
        try:
            now = Checkpoint(read_object(end[1]))
        except Malformed:
            raise Found("tampered", "checkpoint") from None
        if now.clinic != events.clinic:
            raise Found("tampered", "clinic")
        if peaks.size != now.size:
            raise Found("incomplete" if peaks.size < now.size else "tampered", "size")
        if peaks.root() != now.root:
            raise Found("tampered", "root")
        self.open(now, self.quorum)
        self.check_length(now)
        for known, check in ((self.since, "since"), (self.head, "head")):
            if known is None or (known.size == 0 and known.root == EMPTY_ROOT):
                continue
            if known.size not in roots:
                raise Found("incomplete", check)
            if roots[known.size] != known.root:
                raise Found("tampered", check)
        self.check_meta(now, proof)
        if self.missing is not None:
            raise Found("incomplete", "purged", self.missing)
        self.check_age(events.recorded_at, now.cosigned_at)

    # Some events, each with its proof.

    def next_line(self, lines):
        line = next(lines)
        if len(line) > LINE_BYTES_MAX + 1:
            raise Found("tampered", "format")
        if not line.endswith(b"\n"):
            raise Found("incomplete", "end")
        try:
            return read_object(line)
        except Malformed:
            raise Found("tampered", "format") from None

    def verify_lines(self, data):
        # What is behind the last newline is a line as well, broken off.
        *ended, rest = data.split(b"\n")
        lines = iter([line + b"\n" for line in ended] + [rest])
        now = self.read_lines_head(self.next_line(lines))
        events, next_index = Events(now.clinic), 0
        while True:
            line = self.next_line(lines)
            if "clinicd_audit_export_end" in line:
                break
            next_index = self.take_line(line, now, events, next_index)
            self.events += 1
        if next(lines) or next(lines, None) is not None:
            raise Found("tampered", "trailing")
        try:
            count = size_of(line.pop("clinicd_audit_export_end"))
            need(not line)
        except Malformed:
            raise Found("tampered", "format") from None
        if self.events != count:
            raise Found("incomplete" if self.events < count else "tampered", "count")
        self.check_age(events.recorded_at, now.cosigned_at)

    def read_lines_head(self, line):
        try:
            version = line.pop("clinicd_audit_export", None)
            need(type(version) is int and version == 1 and "checkpoint" in line)
            need(set(line) <= {"checkpoint", "consistency", "meta_consistency"})
            proofs = {name: proof_of(line[name]) for name in line if name != "checkpoint"}
        except Malformed:
            raise Found("tampered", "format") from None
        try:
            now = Checkpoint(line["checkpoint"])
        except Malformed:
            raise Found("tampered", "checkpoint") from None
        self.check_clinic(now.clinic)
        self.open(now, self.quorum)
        self.check_length(now)
        self.check_lines_since(now, proofs.get("consistency"))
        self.check_meta(now, proofs.get("meta_consistency"))
        return now

    def check_lines_since(self, now, proof):
        old = self.since
        is_empty = old is not None and old.size == 0 and old.root == EMPTY_ROOT
        if old is not None and old.size < now.size and not is_empty:
            if proof is None:
                raise Found("incomplete", "since")
            if not consistent(old.size, old.root, now.size, now.root, proof):
                raise Found("tampered", "since")
        if self.head is not None and self.head.size < now.size:
            raise Found("incomplete", "head")

    def take_line(self, line, now, events, next_index):
        try:
            need({"leaf_index", "leaf", "proof"} <= set(line) <= {
                "leaf_index", "leaf", "proof", "before", "after"})
            index, proof = size_of(line["leaf_index"]), proof_of(line["proof"])
        except Malformed:
            raise Found("tampered", "format") from None
        if index < next_index:
            raise Found("tampered", "order", index)
        try:
            leaf = leaf_of(line["leaf"])
        except Malformed:
            raise Found("tampered", "leaf", index) from None
        events.check(index, leaf)
        if not includes(index, now.size, leaf_hash(write_item(leaf)), proof, now.root):
            raise Found("tampered", "inclusion", index)
        self.leaves.append((leaf[3], leaf_hash(write_item(leaf))))
        return index + 1


def outcome(verifier, data):
    found = verifier.run(data)
    return {"verdict": found.verdict, "exit_code": CODES[found.verdict],
            "check": found.check, "index": found.index, "events": verifier.events,
            "redacted": verifier.redacted, "receipts_proven": verifier.proven,
            "receipts_unproven": verifier.unproven}


def run_cases(options, keys, witnesses):
    for line in sys.stdin:
        case = json.loads(line)
        since, head, receipts = (
            None if case[name] is None else base64.b64decode(case[name])
            for name in ("since", "head", "receipts"))
        verifier = Verifier(options.origin, keys, witnesses, case["quorum"], since, head,
                            case["age_max_us"], case["now_us"], case["clinic"],
                            case["purged_below"], receipts)
        print(json.dumps(outcome(verifier, base64.b64decode(case["export"]))), flush=True)


def bytes_of(name):
    if name is None:
        return None
    with open(name, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--origin", required=True)
    parser.add_argument("--key", action="append", required=True)
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--quorum", type=int)
    parser.add_argument("--since")
    parser.add_argument("--head")
    parser.add_argument("--receipts")
    parser.add_argument("--clinic")
    parser.add_argument("--purged-below", type=int, default=0)
    parser.add_argument("--max-age", type=int)
    parser.add_argument("--at", type=int, default=int(time.time()))
    parser.add_argument("--cases", action="store_true")
    parser.add_argument("file", nargs="?")
    options = parser.parse_args()
    keys, witnesses = [Key(text) for text in options.key], [Key(text) for text in options.witness]
    if options.cases:
        run_cases(options, keys, witnesses)
        return 0
    quorum = len(witnesses) if options.quorum is None else options.quorum
    max_age = None if options.max_age is None else options.max_age * 10**6
    verifier = Verifier(options.origin, keys, witnesses, quorum, bytes_of(options.since),
                        bytes_of(options.head), max_age, options.at * 10**6, options.clinic,
                        options.purged_below, bytes_of(options.receipts))
    result = outcome(verifier, bytes_of(options.file))
    print(json.dumps(result))
    return result["exit_code"]


if __name__ == "__main__":
    sys.exit(main())
