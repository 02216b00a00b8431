# SPDX-License-Identifier: MIT
# Python's json over JSON lines.
import json
import sys

print(sum(1 for line in sys.stdin.buffer if json.loads(line)))
