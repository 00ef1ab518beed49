from app.kernel import settings
from app.kernel.events import Event
from app.relevance.queries import RELEVANCE_VERSION, forget


def renew_models(_event: Event) -> None:
    """Every process reads the models anew."""
    settings.bump(RELEVANCE_VERSION)
    forget()
