from app.kernel.jobs import job
from app.labelling import actions


@job
def draw_sample() -> None:
    """Each night some published texts are drawn by lot to be labelled; those that wait still count."""
    actions.draw_sample()


@job
def learn() -> None:
    """Each night models learn from all labels, in a process of their own; the same labels, no new version."""
    actions.learn_what_is_new()
