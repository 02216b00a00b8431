# SPDX-License-Identifier: MIT
# Python's json over JSON lines, empty ones left out.
import json
import sys

print(sum(1 for line in sys.stdin.buffer if line != b'\n' and json.loads(line)))
