"""Direct mode as a server of Aura's client: its routes, its cookies and its tokens, `aura=True`.

    auth = Auth.direct(app, "github", aura=True, prefix="/api/auth")

`Jose` makes and reads tokens of its kind anywhere.
"""

from vestibule.direct.aura.jose import Jose
from vestibule.direct.aura.settings import Aura
from vestibule.direct.aura.tokens import TokenOptions

__all__ = ["Aura", "Jose", "TokenOptions"]
