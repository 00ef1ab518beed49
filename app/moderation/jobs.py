from app.kernel.jobs import job
from app.moderation import actions, measures, queue, spreading
from app.posts import views

EVERY_SECONDS = 30


@job
def return_expired_items() -> None:
    """Items whose ten minutes are over wait again, and the queue hears it; twice is once."""
    actions.return_expired()


@job
def end_measures() -> None:
    """Measures whose time is over are closed; what they kept from ended at that moment already."""
    measures.end_over()


@job
def weigh_views() -> None:
    """What is read a lot is more pressing: readers are counted, open items weighed anew; who is on duty hears
    of what spreads fast.
    """
    if views.write_down():
        queue.weigh_anew()
    spreading.look()
