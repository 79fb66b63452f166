#!/usr/bin/python3
"""Writes the API reference, in Markdown, from a descriptor set with source info.

    make_reference.py clinicd-api.binpb DIRECTORY

One file a service, one for the errors, and an index.
"""

import pathlib
import re
import sys

from descriptors import Api

_TYPES = {
    1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32",
    8: "bool", 9: "string", 12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64",
    17: "sint32", 18: "sint64",
}
_REPEATED = 3
_NO_SIDE_EFFECTS, _IDEMPOTENT = 1, 2
_AUDIT = {
    1: "nothing",
    2: "access: one row, who read what",
    3: "change: one row, who changed what, before and after",
}
# What a call may end with whatever the method says of itself.
_OF_ANY_CALL = (
    "VALIDATION_FAILED", "SERVER_BUSY", "DATABASE_UNAVAILABLE", "SHUTTING_DOWN", "DEADLINE_PASSED",
    "CONFLICT_RETRY", "CALL_CANCELLED", "INTERNAL_DEFECT",
)
_OF_ANY_SIGNED_IN_CALL = ("TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_REVOKED")
_COMMENT_LINK = re.compile(r"\[([^\]]+)\]\[[^\]]+\]")


def one_line(text):
    return " ".join(_COMMENT_LINK.sub(r"`\1`", text).split())


def cell(text):
    return one_line(text).replace("|", "\\|")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def anchor(name):
    return name.lower().replace(".", "")


class Reference:
    """Makes the pages."""

    def __init__(self, api):
        self.api = api
        self.reasons = {
            value.name: api.comment(f"clinicd.type.v1.ErrorReason.{value.name}")
            for value in api.enums["clinicd.type.v1.ErrorReason"].value
            if value.number != 0
        }

    # Names and rules.

    def short(self, name):
        """A message or enum as a page calls it: without its package."""
        return ".".join(part for part in name.lstrip(".").split(".") if part[0].isupper())

    def type_of(self, field):
        if field.type_name:
            name = field.type_name.lstrip(".")
            known = name in self.api.messages or name in self.api.enums
            text = f"[{self.short(name)}](#{anchor(self.short(name))})" if known else f"`{name}`"
        else:
            text = _TYPES[field.type]
        return f"repeated {text}" if field.label == _REPEATED else text

    def rules_of(self, field):
        """The validation rules, as buf.validate names them."""
        return "; ".join(self._rules(self.api.option(field.options, "buf.validate.field")))

    def _rules(self, message, path=""):
        for descriptor, value in message.ListFields():
            name = path + descriptor.name
            if descriptor.message_type and descriptor.label != _REPEATED:
                yield from self._rules(value, f"{name}.")
            elif descriptor.enum_type:
                yield f"`{name}: {descriptor.enum_type.values_by_number[value].name}`"
            else:
                shown = list(value) if descriptor.label == _REPEATED else value
                shown = str(shown).lower() if isinstance(shown, bool) else shown
                yield f"`{name}: {shown}`"

    def meaning_of(self, message, field):
        """What a field means, and whether its value is a secret."""
        secret = self.api.option(field.options, "clinicd.options.v1.secret")
        return ("**Secret.** " if secret else "") + self.api.comment(f"{message}.{field.name}")

    # A method.

    def policy(self, method):
        return self.api.option(method.options, "clinicd.options.v1.policy")

    def access_of(self, method):
        policy = self.policy(method)
        return {
            "permission": f"`{policy.permission}`",
            "signed_in": "any signed-in user",
            "anonymous": "anybody, without a session",
        }[policy.WhichOneof("access")]

    def repetition_of(self, method):
        request = self.api.messages[method.input_type.lstrip(".")]
        has_id = any(field.name == "request_id" for field in request.field)
        if method.options.idempotency_level == _NO_SIDE_EFFECTS:
            return "safe: changes nothing"
        if has_id:
            return "safe with the same `request_id`: the first answer is given again"
        return "safe: the effect of several calls is that of one"

    def facts_of(self, method):
        policy = self.policy(method)
        facts = [("Permission", self.access_of(method)), ("Audit", _AUDIT[policy.audit]),
                 ("Repeating", self.repetition_of(method))]
        if method.server_streaming:
            facts.append(("Answer", "a stream of messages"))
        if policy.step_up_max_age_seconds:
            seconds = policy.step_up_max_age_seconds
            facts.append(("Proof of identity", f"not older than {seconds} s"))
        if policy.deadline_max_ms:
            facts.append(("Longest call", f"{policy.deadline_max_ms} ms"))
        return facts

    def reasons_of(self, service_name, method):
        """Reasons that the method's own comment names, then those of any such call."""
        named = re.findall(r"`([A-Z][A-Z0-9_]+)`", self.api.comment(f"{service_name}.{method.name}"))
        reasons = [name for name in named if name in self.reasons]
        access = self.policy(method).WhichOneof("access")
        if access != "anonymous":
            reasons += _OF_ANY_SIGNED_IN_CALL
        if access == "permission":
            reasons.append("PERMISSION_MISSING")
        if self.policy(method).step_up_max_age_seconds:
            reasons.append("STEP_UP_REQUIRED")
        if method.options.idempotency_level == _IDEMPOTENT:
            reasons.append("REQUEST_ID_REUSED")
        reasons += _OF_ANY_CALL
        return list(dict.fromkeys(reasons))

    # Pages.

    def fields(self, name, with_rules):
        rows = []
        for field in self.api.messages[name].field:
            row = [f"`{field.name}`", self.type_of(field)]
            if with_rules:
                row.append(cell(self.rules_of(field)))
            rows.append(row + [cell(self.meaning_of(name, field))])
        if not rows:
            return ["No fields.", ""]
        return table(["Field", "Type", *(["Rules"] if with_rules else []), "Meaning"], rows)

    def method(self, service_name, method):
        full = f"{service_name}.{method.name}"
        request, response = method.input_type.lstrip("."), method.output_type.lstrip(".")
        text = _COMMENT_LINK.sub(r"`\1`", self.api.comment(full)).split("\n\n")
        prose = [one_line(part) for part in text if not part.strip().startswith("Errors:")]
        lines = [f"## {method.name}", "", f"`{service_name}/{method.name}`", ""]
        for part in prose:
            lines += [part, ""]
        lines += table(["", ""], [[f"**{key}**", value] for key, value in self.facts_of(method)])
        lines += [f"Request: `{self.short(request)}`", "", *self.fields(request, True)]
        lines += [f"Response: [{self.short(response)}](#{anchor(self.short(response))})", ""]
        reasons = ", ".join(f"[{name}](errors.md#{name.lower()})"
                            for name in self.reasons_of(service_name, method))
        return lines + [f"Errors: {reasons}", ""]

    def used_by(self, service):
        """Messages and enums that the service's methods lead to, requests left out."""
        requests = {method.input_type.lstrip(".") for method in service.method}
        found, waiting = [], [
            name.lstrip(".")
            for method in service.method
            for name in (method.output_type, method.input_type)
        ]
        while waiting:
            name = waiting.pop(0)
            if name in found or name not in {**self.api.messages, **self.api.enums}:
                continue
            found.append(name)
            if name in self.api.messages:
                waiting += [field.type_name.lstrip(".")
                            for field in self.api.messages[name].field if field.type_name]
        return sorted(set(found) - requests, key=self.short)

    def service_page(self, name, service):
        lines = [f"# {service.name}", "", *_paragraphs(self.api.comment(name))]
        for method in service.method:
            lines += self.method(name, method)
        lines += ["# Messages", ""]
        for used in self.used_by(service):
            lines += [f"## {self.short(used)}", "", *_paragraphs(self.api.comment(used))]
            if used in self.api.messages:
                lines += self.fields(used, True)
            else:
                lines += table(["Value", "Number", "Meaning"], [
                    [f"`{value.name}`", str(value.number),
                     cell(self.api.comment(f"{used}.{value.name}"))]
                    for value in self.api.enums[used].value])
        return "\n".join(lines)

    def errors_page(self):
        lines = ["# Errors", "",
                 'Every error carries `google.rpc.ErrorInfo` with `domain: "clinicd"` and one of '
                 "these reasons. Switch on the reason, never on the message.", ""]
        for name, comment in self.reasons.items():
            code, _, meaning = one_line(comment).partition(". ")
            lines += [f"## {name}", "", f"`{code}`. {meaning}", ""]
        return "\n".join(lines)

    def index_page(self):
        lines = ["# The API", "",
                 "Generated from `proto/`. Errors are listed in [errors.md](errors.md).", ""]
        for name, service in sorted(self.api.services, key=lambda pair: pair[1].name):
            lines += [f"## [{service.name}]({service.name}.md)", ""]
            lines += table(["Method", "Permission", "Summary"], [
                [f"[{method.name}]({service.name}.md#{method.name.lower()})",
                 self.access_of(method),
                 cell(self.api.comment(f"{name}.{method.name}").split("\n\n")[0])]
                for method in service.method])
        return "\n".join(lines)


def _paragraphs(text):
    lines = []
    for part in text.split("\n\n"):
        lines += [one_line(part), ""]
    return lines


def main():
    if len(sys.argv) != 3:
        sys.exit("Usage: make_reference.py DESCRIPTOR_SET DIRECTORY")
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    api = Api(sys.argv[1])
    reference = Reference(api)
    for name, service in api.services:
        page = reference.service_page(name, service)
        (out / f"{service.name}.md").write_text(page, encoding="utf-8")
    (out / "errors.md").write_text(reference.errors_page(), encoding="utf-8")
    (out / "README.md").write_text(reference.index_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
