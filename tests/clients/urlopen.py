# SPDX-License-Identifier: MIT
# urlopen.py VARIABLE PATH BODY: posts a file to the PATH below the base URL of that variable, with
# Python's own library, and copies the answer to standard output.
import os
import shutil
import sys
import urllib.request

variable, path, body = sys.argv[1:]
with open(body, 'rb') as f:
    request = urllib.request.Request(os.environ[variable] + path, f.read(), {'Content-Type': 'application/json'})
with urllib.request.urlopen(request, timeout=60) as response:
    shutil.copyfileobj(response, sys.stdout.buffer)
