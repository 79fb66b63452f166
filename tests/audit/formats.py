"""What the second verifier of audit exports reads: signatures, trees, CBOR, JSON, notes.

Everything raises Malformed for what is not exactly of the format.
"""
import base64
import datetime
import functools
import hashlib
import json
import re
import uuid

SIZE_MAX = 2**63 - 1
NOTE_BYTES_MAX = 128 * 1024


class Malformed(Exception):
    pass


class Truncated(Exception):
    pass


def need(condition):
    if not condition:
        raise Malformed()


# --- Ed25519 (RFC 8032 section 5.1), points as (X, Y, Z, T)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y = (f - e) * (h - g) % P, (h + g) * (f + e) % P
    return (x, y, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(text):
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y % P, 1, x * y % P)


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=100000)
def signed(key, message, signature):
    if len(signature) != 64:
        return False
    point, s = decompress(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return compress(add(multiply(s, BASE), multiply(L - k, point))) == signature[:32]


# --- Merkle trees (RFC 6962 section 2.1)


def leaf_hash(content):
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def split_of(size):
    return 1 << ((size - 1).bit_length() - 1)


def root_by_path(index, size, leaf, path):
    """The root that a path leads to, or None."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    k = split_of(size)
    if index < k:
        below = root_by_path(index, k, leaf, path[:-1])
        return below and node_hash(below, path[-1])
    below = root_by_path(index - k, size - k, leaf, path[:-1])
    return below and node_hash(path[-1], below)


def roots_by_proof(old, new, root, proof):
    """Old and new root that a consistency proof leads to; `root` while the old tree is whole."""
    if old == new:
        if root is not None:
            return (root, root) if not proof else None
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof:
        return None
    k, last = split_of(new), proof[-1]
    if old <= k:
        roots = roots_by_proof(old, k, root, proof[:-1])
        return roots and (roots[0], node_hash(roots[1], last))
    roots = roots_by_proof(old - k, new - k, None, proof[:-1])
    return roots and (node_hash(last, roots[0]), node_hash(last, roots[1]))


def includes(index, size, leaf, path, root):
    return index < size and root_by_path(index, size, leaf, path) == root


def consistent(old, old_root, new, new_root, proof):
    return 0 < old <= new and roots_by_proof(old, new, old_root, proof) == (old_root, new_root)


class Peaks:
    """The perfect subtrees of a growing tree, as (number of leaves, root)."""

    def __init__(self):
        self.size, self.trees = 0, []

    def push(self, leaf):
        self.size += 1
        self.trees.append((1, leaf))
        while len(self.trees) > 1 and self.trees[-1][0] == self.trees[-2][0]:
            (count, right), (_, left) = self.trees.pop(), self.trees.pop()
            self.trees.append((2 * count, node_hash(left, right)))

    def root(self):
        if not self.trees:
            return EMPTY_ROOT
        root = self.trees[-1][1]
        for _, left in self.trees[-2::-1]:
            root = node_hash(left, root)
        return root


# --- Deterministic CBOR


def read_item(data, at, depth=0):
    """The item at `at` and where it ends."""
    if at >= len(data):
        raise Truncated()
    first = data[at]
    if first == 0xF6:
        return None, at + 1
    major, low = first >> 5, first & 31
    need(major <= 4 and low <= 27)
    at += 1
    argument = low
    if low >= 24:
        width = 1 << (low - 24)
        if at + width > len(data):
            raise Truncated()
        argument = int.from_bytes(data[at:at + width], "big")
        need(argument >= (24 if width == 1 else 1 << (4 * width)))
        at += width
    if major <= 1:
        need(argument <= SIZE_MAX)
        return (argument if major == 0 else -1 - argument), at
    if major <= 3:
        if at + argument > len(data):
            raise Truncated()
        text = data[at:at + argument]
        if major == 2:
            return text, at + argument
        try:
            return text.decode("utf-8"), at + argument
        except UnicodeDecodeError:
            raise Malformed() from None
    need(depth < 8)
    items = []
    for _ in range(argument):
        item, at = read_item(data, at, depth + 1)
        items.append(item)
    return items, at


def write_head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for low, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * width):
            return bytes([major << 5 | low]) + argument.to_bytes(width, "big")
    raise ValueError(argument)


def write_item(item):
    if item is None:
        return b"\xf6"
    if isinstance(item, int):
        return write_head(0, item) if item >= 0 else write_head(1, -1 - item)
    if isinstance(item, bytes):
        return write_head(2, len(item)) + item
    if isinstance(item, str):
        return write_head(3, len(item.encode())) + item.encode()
    return write_head(4, len(item)) + b"".join(write_item(part) for part in item)


# --- Events

FIELDS = (
    ("clinic_id", "id"), ("id", "id"), ("occurred_at", "time"), ("recorded_at", "time"),
    ("category", "text"), ("action", "text"), ("method", "text"), ("outcome", "text"),
    ("actor_id", "id?"), ("actor_roles", "text"), ("acting_for", "id?"), ("purpose", "text"),
    ("session_id", "id?"), ("patient_id", "id?"), ("entity_type", "text?"), ("entity_id", "id?"),
    ("entity_version", "int?"), ("changed_fields", "text"), ("before_hash", "hash?"),
    ("after_hash", "hash?"), ("request_id", "text?"), ("client_address", "text"),
    ("user_agent", "text"), ("node", "text"), ("build", "text"))


def is_bytes(item, size):
    return isinstance(item, bytes) and len(item) == size


def fits(item, kind):
    if kind.endswith("?") and item is None:
        return True
    kind = kind.rstrip("?")
    if kind in ("id", "hash"):
        return is_bytes(item, 16 if kind == "id" else 32)
    return isinstance(item, str if kind == "text" else int)


def is_leaf(item):
    return (isinstance(item, list) and len(item) == 27 and item[:2] == ["clinicd-audit", 1]
            and all(fits(part, kind) for part, (_, kind) in zip(item[2:], FIELDS)))


def time_of(text):
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", text))
    try:
        instant = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        raise Malformed() from None
    return (instant - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def id_of(text):
    need(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
    return uuid.UUID(text).bytes


def field_of(value, kind):
    """A readable field as it is hashed."""
    if kind.endswith("?") and value is None:
        return None
    kind = kind.rstrip("?")
    if kind == "int":
        need(type(value) is int and -2**63 <= value <= SIZE_MAX)
        return value
    need(isinstance(value, str))
    if kind == "text":
        return value
    if kind == "hash":
        need(re.fullmatch(r"[0-9a-f]{64}", value))
        return bytes.fromhex(value)
    return id_of(value) if kind == "id" else time_of(value)


def leaf_of(readable):
    need(isinstance(readable, dict) and set(readable) == {name for name, _ in FIELDS})
    return ["clinicd-audit", 1] + [field_of(readable[name], kind) for name, kind in FIELDS]


# --- JSON that means the same to everybody


def whole_number(text):
    if text == "-0" or len(text) > 25:
        return fraction(text)
    return int(text)


def fraction(text):
    value = float(text)
    need(abs(value) != float("inf"))
    return value


def no_constant(_):
    raise Malformed()


def members_once(pairs):
    need(len({name for name, _ in pairs}) == len(pairs))
    return dict(pairs)


def check_values(value, around=0):
    need(around <= 32)
    if isinstance(value, str):
        need(not any(0xD800 <= ord(c) <= 0xDFFF for c in value))
    elif isinstance(value, list):
        for part in value:
            check_values(part, around + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            check_values(name, around + 1)
            check_values(part, around + 1)


def read_object(text):
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, parse_int=whole_number, parse_float=fraction,
                           parse_constant=no_constant, object_pairs_hook=members_once)
    except (ValueError, RecursionError):
        raise Malformed() from None
    need(isinstance(value, dict))
    check_values(value)
    for escape in re.findall(r"\\(u....|.)", text, re.S):
        need(not (escape[0] == "u" and re.search("[A-F]", escape)))
    return value


def base64_of(text):
    need(isinstance(text, str))
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed() from None
    need(base64.b64encode(value).decode() == text)
    return value


def hash_of(text):
    value = base64_of(text)
    need(len(value) == 32)
    return value


def size_of(value):
    if isinstance(value, str):
        need(re.fullmatch(r"0|[1-9][0-9]*", value, re.ASCII))
        value = int(value[:30])
    need(type(value) is int and 0 <= value <= SIZE_MAX)
    return value


def proof_of(value):
    need(isinstance(value, list) and len(value) <= 64)
    return [hash_of(part) for part in value]


def receipt_of(value):
    """Clinic, event and leaf of a receipt."""
    need({"clinicId", "eventId", "leafHash"} <= set(value) <= {
        "clinicId", "eventId", "leafHash", "recordTime"})
    need(all(isinstance(text, str) for text in value.values()))
    return id_of(value["clinicId"]), id_of(value["eventId"]), hash_of(value["leafHash"])


class Checkpoint:
    def __init__(self, value):
        need(isinstance(value, dict) and set(value) <= {
            "clinicId", "treeSize", "rootHash", "metaIndex", "metaProof", "note"})
        need({"clinicId", "rootHash", "note"} <= set(value))
        need(isinstance(value["clinicId"], str) and isinstance(value["note"], str))
        self.clinic = id_of(value["clinicId"])
        self.size = size_of(value.get("treeSize", 0))
        self.root = hash_of(value["rootHash"])
        self.meta_index = size_of(value.get("metaIndex", 0))
        self.meta_proof = proof_of(value.get("metaProof", []))
        self.note = value["note"]
        self.meta_size = self.meta_root = None
        self.cosigned_at = []


# --- Signed notes

SPACES = " \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
SPACES += "".join(map(chr, range(0x2000, 0x200B)))


def is_name(name):
    is_bad = any(c in SPACES or c in "+\x7f" or c < " " for c in name)
    return 0 < len(name.encode()) <= 255 and not is_bad


class Key:
    def __init__(self, text):
        self.name, key_id, blob = text.split("+", 2)
        blob = base64_of(blob)
        self.key_id, self.kind, self.public = bytes.fromhex(key_id), blob[0], blob[1:]
        assert is_name(self.name) and self.kind in (1, 4) and len(self.public) == 32
        assert hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4] == self.key_id

    def time_signed(self, text, blob):
        """The time that a signature states, 0 if it states none; None if it is false."""
        if self.kind == 1:
            return 0 if signed(self.public, text, blob) else None
        seconds = int.from_bytes(blob[:8], "big")
        if len(blob) < 8 or seconds > SIZE_MAX:
            return None
        message = b"cosignature/v1\ntime %d\n" % seconds + text
        return seconds if signed(self.public, message, blob[8:]) else None


def read_note(note):
    """Text and signatures of a note."""
    need(len(note.encode()) <= NOTE_BYTES_MAX)
    need(not any(c < " " and c != "\n" for c in note))
    text, blank, lines = note.rpartition("\n\n")
    need(blank and lines.endswith("\n"))
    lines = lines[:-1].split("\n")
    need(len(lines) <= 64)
    signatures = []
    for line in lines:
        match = re.fullmatch("\u2014 ([^ ]*) (.*)", line)
        need(match and is_name(match[1]))
        blob = base64_of(match[2])
        need(len(blob) > 4)
        signatures.append((match[1], blob[:4], blob[4:]))
    return text + "\n", signatures


def read_head(text):
    lines = text.split("\n")
    need(len(lines) == 4 and lines[3] == "" and is_name(lines[0]))
    need(re.fullmatch(r"0|[1-9][0-9]*", lines[1], re.ASCII))
    size, root = int(lines[1][:30]), hash_of(lines[2])
    need(size <= SIZE_MAX)
    return lines[0], size, root
