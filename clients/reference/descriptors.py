"""Reads a descriptor set: its options, and the comments of its source."""

import pathlib

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# Numbers of the fields of descriptor.proto, of which the paths of source locations are made.
_FILE_MESSAGE, _FILE_ENUM, _FILE_SERVICE = 4, 5, 6
_MESSAGE_FIELD, _MESSAGE_MESSAGE, _MESSAGE_ENUM = 2, 3, 4
_ENUM_VALUE, _SERVICE_METHOD = 2, 2


class Api:
    """The files of a descriptor set whose packages begin with `prefix`."""

    def __init__(self, path, prefix="clinicd."):
        self._pool = descriptor_pool.DescriptorPool()
        data = pathlib.Path(path).read_bytes()
        for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
            self._pool.Add(file)
        # Read again with the messages of this very set, which know its options.
        files = self._message("google.protobuf.FileDescriptorSet").FromString(data).file
        self.files = [file for file in files if file.package.startswith(prefix)]
        self.messages, self.enums, self.services = {}, {}, []
        self._comments = {}
        for file in self.files:
            self._index(file)

    def _message(self, name):
        factory = message_factory.MessageFactory(self._pool)
        return factory.GetPrototype(self._pool.FindMessageTypeByName(name))

    def _index(self, file):
        comments = {
            tuple(place.path): place.leading_comments.strip()
            for place in file.source_code_info.location
        }

        def add_enum(enum, path, scope):
            name = f"{scope}.{enum.name}"
            self.enums[name] = enum
            self._comments[name] = comments.get(path, "")
            for i, value in enumerate(enum.value):
                self._comments[f"{name}.{value.name}"] = comments.get(path + (_ENUM_VALUE, i), "")

        def add_message(message, path, scope):
            name = f"{scope}.{message.name}"
            self.messages[name] = message
            self._comments[name] = comments.get(path, "")
            for i, field in enumerate(message.field):
                self._comments[f"{name}.{field.name}"] = comments.get(path + (_MESSAGE_FIELD, i), "")
            for i, nested in enumerate(message.nested_type):
                add_message(nested, path + (_MESSAGE_MESSAGE, i), name)
            for i, nested in enumerate(message.enum_type):
                add_enum(nested, path + (_MESSAGE_ENUM, i), name)

        for i, message in enumerate(file.message_type):
            add_message(message, (_FILE_MESSAGE, i), file.package)
        for i, enum in enumerate(file.enum_type):
            add_enum(enum, (_FILE_ENUM, i), file.package)
        for i, service in enumerate(file.service):
            name = f"{file.package}.{service.name}"
            self.services.append((name, service))
            self._comments[name] = comments.get((_FILE_SERVICE, i), "")
            for j, method in enumerate(service.method):
                place = (_FILE_SERVICE, i, _SERVICE_METHOD, j)
                self._comments[f"{name}.{method.name}"] = comments.get(place, "")

    def comment(self, name):
        """The comment in front of a thing, by its full name."""
        return self._comments.get(name, "")

    def option(self, options, name):
        """The value of an extension of options, by its full name."""
        return options.Extensions[self._pool.FindExtensionByName(name)]
