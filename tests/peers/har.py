# SPDX-License-Identifier: MIT
# What a reader of JSON sees in a HAR, as tests/peers/pyyaml.py shows it; what HAR 1.2 demands is
# there, or it says so.
import base64
import hashlib
import json
import sys

NEEDED = {
    "": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "request": ["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"],
    "response": ["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize",
                 "bodySize"],
    "timings": ["send", "wait", "receive"],
}


def body(holder):
    text = (holder or {}).get("text")
    if text is None:
        return None
    if "_pieces" in holder:  # Polly.js: the text is an array of pieces, each base64 of its own
        return b"".join(base64.b64decode(piece) for piece in json.loads(text))
    encoded = "base64" in (holder.get("encoding"), holder.get("_encoding"))
    return base64.b64decode(text) if encoded else text.encode()


for name in sys.argv[1:]:
    with open(name, "rb") as f:
        log = json.load(f)["log"]
    assert log["version"] and log["creator"]["name"] and log["creator"]["version"]
    for place, entry in enumerate(log["entries"]):
        for part, keys in NEEDED.items():
            side = entry[part] if part else entry
            for key in keys:
                if key not in side:
                    print(name, place, "lacks", part, key)
        for part, holder in (("request", "postData"), ("response", "content")):
            value = body(entry[part].get(holder))
            print(name, place, part, "null" if value is None else hashlib.sha256(value).hexdigest())
