"""Runs the program on standard input with stand-ins for the official client, which
record the request, and prints its parameters as JSON: flat, with values as text."""
import json
import sys
import types


class Model:
    def __init__(self, name, fields):
        self.name, self.fields = name, fields

    def flat(self, prefix=""):
        for name, value in self.fields.items():
            items = enumerate(value, 1) if isinstance(value, list) else [(None, value)]
            for i, item in items:
                at = prefix + name + ("" if i is None else "." + str(i))
                if isinstance(item, Model):
                    yield from item.flat(at + ".")
                else:
                    yield at, str(item).lower() if isinstance(item, bool) else str(item)


class Client:
    def __init__(self, config):
        self.config = config

    def modify_vpn_attachment_attribute(self, request):
        json.dump({"endpoint": self.config.fields["endpoint"], "model": request.name, "fields": dict(request.flat())}, sys.stderr)
        return types.SimpleNamespace(body=types.SimpleNamespace(request_id="recorded"))


models = types.ModuleType("alibabacloud_vpc20160428.models")
models.__getattr__ = lambda name: lambda **fields: Model(name, fields)
for name, members in {
    "alibabacloud_tea_openapi": {},
    "alibabacloud_tea_openapi.models": {"Config": lambda **fields: Model("Config", fields)},
    "alibabacloud_vpc20160428": {"models": models},
    "alibabacloud_vpc20160428.client": {"Client": Client},
}.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)

exec(compile(sys.stdin.buffer.read().decode("utf-8"), "snippet.py", "exec"), {"__name__": "__main__"})
