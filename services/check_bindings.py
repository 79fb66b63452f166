"""Stops the build when an RPC could reach its handler past the dispatcher.

Every method of a service class in services/**/*_service.h must be one statement that hands the call
to rpc_.Unary, rpc_.UnaryAnonymous or rpc_.ServerStreaming, and every RPC of the .proto files must be bound in such a
class. A method that is not overridden would be answered by gRPC itself, without any verdict.
Usage: check_bindings.py SOURCE_DIR STAMP
"""
import glob
import os
import re
import sys

METHOD = re.compile(
    r"grpc::Server\w*Reactor(?:<[\w:]+>)?\*\s+(\w+)\s*\([^)]*\)\s*(?:override|final)\s*\{(.*?)\n?\s*\}",
    re.S,
)
BINDING = re.compile(
    r"^return rpc_\.(?:Unary(?:Anonymous)?\(\s*context,\s*request,\s*response,"
    r"|ServerStreaming\(\s*context,\s*request,).*\);$",
    re.S,
)


def declared(source):
    """(service, rpc) pairs of the protos."""
    pairs = set()
    for path in glob.glob(os.path.join(source, "proto", "**", "*_service.proto"), recursive=True):
        text = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8").read())
        for service in re.finditer(r"service (\w+) \{(.*?)\n\}", text, re.S):
            for rpc in re.finditer(r"\brpc (\w+)\(", service.group(2)):
                pairs.add((service.group(1), rpc.group(1)))
    return pairs


def bound(source, faults):
    pairs = set()
    for path in glob.glob(os.path.join(source, "services", "**", "*_service.h"), recursive=True):
        text = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8").read())
        parts = re.split(r"public\s+(?:\w+::)*(\w+)::CallbackService", text)
        for service, body in zip(parts[1::2], parts[2::2]):
            reactors = len(re.findall(r"grpc::Server\w*Reactor\b", body))
            methods = METHOD.findall(body)
            if reactors != len(methods):
                faults.append(f"{path}: a method of {service} has a form that cannot be checked")
            for name, statement in methods:
                if not BINDING.match(" ".join(statement.split())):
                    faults.append(f"{path}: {service}.{name} is bound past the dispatcher")
                pairs.add((service, name))
    return pairs


def main():
    source, stamp = sys.argv[1:]
    faults = []
    wanted, found = declared(source), bound(source, faults)
    faults += [f"{s}.{r} is declared in proto/ and bound nowhere" for s, r in sorted(wanted - found)]
    faults += [f"{s}.{r} is bound and not declared in proto/" for s, r in sorted(found - wanted)]
    if not wanted:
        faults.append("no RPC found in proto/")
    if faults:
        sys.exit("\n".join(faults))
    os.makedirs(os.path.dirname(stamp), exist_ok=True)
    open(stamp, "w", encoding="utf-8").write(f"{len(found)} methods\n")


main()
