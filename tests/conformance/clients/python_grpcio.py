#!/usr/bin/python3
"""gRPC's C core by Python, native gRPC: python_grpcio.py DESCRIPTORS DEV_JSON"""

import json
import sys
import urllib.parse

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

UNKNOWN_PATIENT = "01890a5d-ac96-774b-bcce-b302099a8057"


class Server:
    """Calls by name, with messages as dictionaries."""

    def __init__(self, descriptors, dev):
        self._pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet()
        with open(descriptors, "rb") as file:
            files.ParseFromString(file.read())
        for file in files.file:
            self._pool.Add(file)
        self._factory = message_factory.MessageFactory(self._pool)
        with open(dev["ca"], "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        self._channel = grpc.secure_channel(urllib.parse.urlsplit(dev["url"]).netloc, credentials)
        self.token = None

    def _class(self, descriptor):
        return self._factory.GetPrototype(descriptor)

    def _start(self, kind, service, method, request):
        descriptor = self._pool.FindServiceByName(service).FindMethodByName(method)
        output = self._class(descriptor.output_type)
        message = json_format.ParseDict(request, self._class(descriptor.input_type)())
        stub = kind(
            f"/{service}/{method}",
            request_serializer=lambda value: value.SerializeToString(),
            response_deserializer=output.FromString,
        )
        metadata = [("authorization", f"Bearer {self.token}")] if self.token else []
        return stub(message, metadata=metadata, timeout=20)

    def call(self, service, method, request):
        return json_format.MessageToDict(
            self._start(self._channel.unary_unary, service, method, request)
        )

    def first(self, service, method, request):
        """Returns the first message of a stream, and leaves it."""
        stream = self._start(self._channel.unary_stream, service, method, request)
        event = json_format.MessageToDict(next(stream))
        stream.cancel()
        return event

    def refusal(self, service, method, request):
        """Returns code and reason of the error of a call."""
        try:
            self.call(service, method, request)
        except grpc.RpcError as error:
            return error.code(), self._reason(error)
        raise AssertionError("the call was not refused")

    def _reason(self, error):
        status = self._class(self._pool.FindMessageTypeByName("google.rpc.Status"))()
        info = self._class(self._pool.FindMessageTypeByName("google.rpc.ErrorInfo"))()
        status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        for detail in status.details:
            if detail.Is(info.DESCRIPTOR):
                info.ParseFromString(detail.value)
        return info.reason


def main():
    descriptors, dev_file = sys.argv[1:]
    with open(dev_file, encoding="utf-8") as file:
        dev = json.load(file)
    server = Server(descriptors, dev)
    practitioners = "clinicd.identity.v1.PractitionerService"
    code, _ = server.refusal(practitioners, "ListPractitioners", {})
    assert code == grpc.StatusCode.UNAUTHENTICATED, code

    login = dev["logins"][0]
    signed_in = server.call(
        "clinicd.identity.v1.SessionService",
        "SignIn",
        {"clinicSlug": login["clinic"], "email": login["email"], "password": login["password"]},
    )
    server.token = signed_in["tokens"]["accessToken"]
    listed = server.call(practitioners, "ListPractitioners", {})["practitioners"]
    assert [one["familyName"] for one in listed] == ["Núñez", "Peña"], listed

    refusal = server.refusal(
        "clinicd.patients.v1.PatientService", "GetPatient", {"id": UNKNOWN_PATIENT}
    )
    assert refusal == (grpc.StatusCode.NOT_FOUND, "PATIENT_NOT_FOUND"), refusal

    event = server.first(
        "clinicd.appointments.v1.AppointmentService",
        "WatchDay",
        {"date": {"year": 2030, "month": 5, "day": 6}},
    )
    assert "snapshot" in event, event


main()
