"""Loads the certificate authorities once per process; each HTTP client loads them when it opens.

That takes 50 ms. A worker opens one client, the tests thousands, and all call local servers over
plain HTTP. Importing this module installs the cache.
"""

from functools import cache
from unittest.mock import patch

import httpcore2

patch.object(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context)).start()
