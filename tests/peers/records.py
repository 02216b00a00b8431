# SPDX-License-Identifier: MIT
# Records of cassette-extract as tests/peers/pyyaml.py shows bodies. Argument: the name of the file, if there is but one.
import base64
import hashlib
import json
import sys

for line in sys.stdin:
    record = json.loads(line)
    for part in ("request", "response"):
        side = record[part]
        if "body_base64" in side:
            body = base64.b64decode(side["body_base64"])
        else:
            body = side["body"] if side["body"] is None else side["body"].encode()
        digest = "null" if body is None else hashlib.sha256(body).hexdigest()
        print(record.get("file") or sys.argv[1], record["id"], part, digest)
