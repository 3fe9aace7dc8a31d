"""An identity server without a server, for the tests of your app.

`sign_in(client, email=…)` gives a test client a session. `TestIssuer` is what stands behind it: real
tokens, signed with a key made for the test; no network, nothing patched.
"""

from vestibule.testing.clients import sign_in, sign_out
from vestibule.testing.clock import Clock
from vestibule.testing.issuer import TestIssuer

__all__ = ["Clock", "TestIssuer", "sign_in", "sign_out"]
