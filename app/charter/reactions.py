from app.charter.queries import POLICY_VERSION, forget
from app.kernel import settings
from app.kernel.events import Event


def renew_policy(_event: Event) -> None:
    """Every process compiles the rules anew."""
    settings.bump(POLICY_VERSION)
    forget()
