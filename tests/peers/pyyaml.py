# SPDX-License-Identifier: MIT
# What PyYAML sees in cassettes: one line per body, "FILE ID PART HASH", to be held against what
# cassette-extract says (tests/peers/records.py). A body is hashed as bytes; null is "null".
import hashlib
import json
import sys

import yaml


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    pass


def any_tag(loader, suffix, node):
    if suffix.endswith("_io.BytesIO"):
        return loader.construct_mapping(node, deep=True)["state"][0]
    if suffix.endswith("builtins.iter"):
        return b"".join(as_bytes(p) for p in loader.construct_mapping(node, deep=True)["args"][0])
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Loader.add_multi_constructor("tag:yaml.org,2002:python/", any_tag)
Loader.add_multi_constructor("!ruby/", any_tag)
Loader.add_constructor("!binary", yaml.SafeLoader.construct_yaml_binary)
Loader.add_constructor("!", yaml.SafeLoader.construct_yaml_str)


def as_bytes(body):
    return body if isinstance(body, bytes) else str(body).encode()


def body_of(side, key="body"):
    if side.get("parsed_body") is not None:
        return json.dumps(side["parsed_body"])
    body = side.get(key, side.get("content"))
    if isinstance(body, dict) and ("string" in body or "base64_string" in body or not body):
        if "base64_string" in body:
            import base64
            return base64.b64decode(body["base64_string"])
        return body.get("string")
    return json.dumps(body) if isinstance(body, dict) else body


def show(name, place, part, body):
    digest = "null" if body is None else hashlib.sha256(as_bytes(body)).hexdigest()
    print(name, place, part, digest)


def main():
    for name in sys.argv[1:]:
        with open(name, "rb") as f:
            root = json.load(f) if name.endswith(".json") else yaml.load(f, Loader=Loader)
        if isinstance(root, dict):
            root = root.get("interactions") or root.get("http_interactions") or []
        for place, i in enumerate(root):
            show(name, place, "request", body_of(i["request"]))
            show(name, place, "response", body_of(i["response"]))


main()
