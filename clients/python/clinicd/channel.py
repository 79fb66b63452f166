"""How a client reaches a server."""

import pathlib

import grpc

_HTTPS = "https://"


def connect(target: str, ca_file: str | None = None, *,
            user_agent: str = "clinicd-sdk-python/1") -> grpc.Channel:
    """Opens a channel that connects on the first call.

    `target` is "https://host:port" or "host:port" for TLS, or "unix:/path" for a server's raw
    socket. `ca_file` is a PEM file with the authorities to trust instead of gRPC's own list. What the
    program calls itself is kept by the server with the session.
    """
    options = [
        # Health data goes straight to the server, whatever proxy the environment names.
        ("grpc.enable_http_proxy", 0),
        # gRPC's own repetition would repeat what a session repeats.
        ("grpc.enable_retries", 0),
        ("grpc.primary_user_agent", user_agent),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 5000),
    ]
    if target.startswith("unix:"):
        return grpc.insecure_channel(target, options)
    address = target.removeprefix(_HTTPS).removesuffix("/")
    if not address or "/" in address:
        raise ValueError(f"'{target}' is no address of a server; write https://host:port.")
    if ":" not in address.rpartition("]")[2]:
        address += ":443"
    authorities = pathlib.Path(ca_file).read_bytes() if ca_file else None
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authorities), options)
