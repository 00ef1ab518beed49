from app.accounts import stays
from app.kernel.jobs import job

END_SECONDS, TELL_SECONDS = 60, 3_600


@job
def end_stays() -> None:
    """Partners whose time is over have no account any more."""
    stays.end_due()


@job
def tell_of_ends() -> None:
    """Sponsors hear of an end before it comes, once."""
    stays.tell_of_ends()
