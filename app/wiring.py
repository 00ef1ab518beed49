"""What follows from what. Read this page to know every side effect in the product."""

from app.accounts import jobs as accounts_jobs
from app.accounts import reactions as accounts
from app.accounts.events import InvitationUsed, SponsorLeft, StayEnding
from app.admin import jobs as admin_jobs
from app.admin.events import AuditBroken
from app.auth import live as auth_live
from app.auth import reactions as auth
from app.auth.events import NewDevice, SessionsEnded
from app.charter import reactions as charter
from app.charter.document import jobs as document_jobs
from app.charter.document import reactions as document
from app.charter.events import (
    AcceptanceAwaited,
    CharterAccepted,
    DraftDiscarded,
    DraftRemarked,
    DraftStarted,
    RulesChanged,
    VersionScheduled,
    VersionSigned,
    VersionTookEffect,
    VersionWithdrawn,
)
from app.charter.learning import jobs as learning_jobs
from app.charter.learning import reactions as learning
from app.charter.rulebook.events import (
    BacktestAsked,
    RuleMoved,
    RuleQuiet,
    RuleRemarked,
    RuleSilent,
)
from app.directory import jobs as directory_jobs
from app.directory import reactions as directory
from app.directory.events import SynchronisationWanted
from app.gate import live as gate_live
from app.gate import reactions as gate
from app.gate.events import GateChanged, GateNarrowed
from app.kernel.events import Subscriptions
from app.labelling import jobs as labelling_jobs
from app.labelling import reactions as labelling
from app.moderation import jobs as moderation_jobs
from app.moderation import live as moderation_live
from app.moderation import policy as moderation_policy
from app.moderation import queries as moderation_queries
from app.moderation import reactions as moderation
from app.moderation.events import (
    AppealClosed,
    AppealLodged,
    AppealSpoken,
    DecisionOverturned,
    DecisionTaken,
    DecisionUndone,
    ItemChanged,
    ItemClaimed,
    ItemDeferred,
    ItemEscalated,
    ItemOpened,
    ItemReleased,
    ItemResolved,
    ItemSealed,
    ItemTransferred,
    MeasureEnded,
    MeasureImposed,
    NamesRevealed,
    ReportMade,
    SecondRefused,
    SecondWanted,
    SpreadingFast,
    WatchWordSeen,
)
from app.notifications import jobs as notifications_jobs
from app.notifications import live as notifications_live
from app.notifications import reactions as notifications
from app.organisations.events import OrganisationsMerged, RegistryChanged
from app.people.events import AccessChanged, GroupsApplied, PeopleImported, PersonChanged
from app.playbooks import jobs as playbooks_jobs
from app.playbooks import live as playbooks_live
from app.playbooks import policy as playbooks_policy
from app.playbooks import reactions as playbooks
from app.playbooks.events import CaseChanged, CaseOpened, StepOverdue
from app.posts import live as posts_live
from app.posts import policy as posts_policy
from app.posts import reactions as posts
from app.posts.events import (
    CommentPublished,
    EntryCleared,
    EntryEdited,
    EntryFlagged,
    EntryHeld,
    EntryHidden,
    EntryRemoved,
    EntryRestored,
    EntryRuled,
    PostMoved,
    PostPinned,
    PostPublished,
    ReactionsChanged,
    WordsWatched,
)
from app.relevance import reactions as relevance
from app.relevance.events import AdviceChanged
from app.search import reactions as search
from app.spaces import live as spaces_live
from app.spaces import reactions as spaces
from app.spaces.events import JoinRequested, MemberJoined, MemberLeft, SpaceChanged, SpaceCreated
from app.trials import jobs as trials_jobs
from app.trials import reactions as trials

INSIDE: Subscriptions = {  # same transaction: all or nothing
    PersonChanged: [posts.renew_cards_of_person, search.person_changed],
    GroupsApplied: [spaces.follow_groups],
    PeopleImported: [search.people_imported],
    AccessChanged: [
        auth.end_sessions,
        auth_live.recheck_person,
        search.person_changed,
        accounts.end_guests,
    ],
    SessionsEnded: [auth_live.recheck_person],
    SynchronisationWanted: [directory.synchronise_beside],
    NewDevice: [notifications.new_device],
    InvitationUsed: [notifications.invitation_used],
    StayEnding: [notifications.stay_ending],
    SponsorLeft: [notifications.sponsor_left],
    GateChanged: [gate_live.recheck_everyone],
    GateNarrowed: [gate.return_later],
    RegistryChanged: [
        charter.renew_policy,
        search.registry_changed,
        trials.read_again_for_names,
    ],
    OrganisationsMerged: [spaces.move_to_organisation, accounts.move_to_organisation],
    RulesChanged: [charter.renew_policy],
    RuleMoved: [trials.read_again_for_rule, notifications.rule_moved, playbooks.rule_moved],
    RuleSilent: [notifications.rule_silent],
    RuleQuiet: [notifications.rule_quiet],
    RuleRemarked: [notifications.rule_remarked],
    BacktestAsked: [trials.start_backtest],
    CharterAccepted: [notifications.charter_accepted],
    DraftStarted: [learning.copy_questions],
    DraftDiscarded: [learning.forget_questions],
    DraftRemarked: [notifications.draft_remarked],
    VersionSigned: [notifications.version_signed],
    VersionScheduled: [
        charter.renew_policy,
        document.expect_its_hour,
        notifications.version_scheduled,
    ],
    VersionWithdrawn: [charter.renew_policy, notifications.version_withdrawn],
    VersionTookEffect: [charter.renew_policy, notifications.version_took_effect],
    AcceptanceAwaited: [notifications.acceptance_awaited],
    AdviceChanged: [relevance.renew_models],
    SpaceCreated: [search.space_changed],
    SpaceChanged: [posts.renew_cards_of_space, spaces_live.tell_space, search.space_changed],
    MemberJoined: [spaces_live.reseat_member, notifications.member_joined],
    MemberLeft: [spaces_live.reseat_member],
    JoinRequested: [notifications.join_requested],
    PostPublished: [posts_live.tell_post, notifications.post_published, search.entry_published],
    CommentPublished: [
        posts_live.tell_comment,
        notifications.comment_published,
        search.entry_published,
    ],
    EntryHeld: [moderation.queue_hold, posts_live.tell_author, notifications.entry_held],
    EntryFlagged: [moderation.queue_watch],
    WordsWatched: [moderation.watch_words],
    EntryEdited: [
        moderation.follow_edit,
        posts_live.tell_edit,
        notifications.entry_edited,
        search.entry_changed,
    ],
    EntryCleared: [moderation.close_cleared, posts_live.tell_author],
    EntryRemoved: [
        moderation.close_removed,
        posts_live.tell_removal,
        posts_live.tell_author,
        notifications.entry_gone,
        search.entry_gone,
    ],
    EntryHidden: [
        posts_live.tell_removal,
        posts_live.tell_author,
        notifications.entry_gone,
        search.entry_gone,
    ],
    EntryRestored: [
        moderation.queue_waiting_edit,
        posts_live.tell_return,
        posts_live.tell_author,
        search.entry_returned,
    ],
    EntryRuled: [posts_live.tell_author],
    PostPinned: [posts_live.tell_pin],
    PostMoved: [posts_live.tell_move, moderation.follow_move, search.post_moved],
    ReactionsChanged: [posts_live.tell_reactions, notifications.reactions_changed],
    ReportMade: [playbooks.report_made, moderation.several_reported],
    ItemOpened: [moderation_live.tell_queue],
    ItemChanged: [moderation_live.tell_queue],
    ItemClaimed: [moderation_live.tell_queue],
    ItemReleased: [moderation_live.tell_queue],
    ItemSealed: [moderation_live.tell_queue],
    ItemResolved: [moderation_live.tell_queue, notifications.item_resolved],
    DecisionTaken: [
        moderation_live.tell_queue,
        notifications.decision_taken,
        labelling.learn_from_decision,
    ],
    ItemTransferred: [moderation_live.tell_queue, notifications.item_transferred],
    ItemDeferred: [moderation_live.tell_queue],
    ItemEscalated: [moderation_live.tell_queue, notifications.item_escalated],
    SecondWanted: [moderation_live.tell_queue, notifications.second_wanted],
    SecondRefused: [moderation_live.tell_queue, notifications.second_refused],
    DecisionUndone: [moderation_live.tell_queue, notifications.decision_undone],
    AppealLodged: [moderation_live.tell_queue, notifications.appeal_lodged],
    AppealSpoken: [moderation_live.tell_queue, notifications.appeal_spoken],
    AppealClosed: [moderation_live.tell_queue, notifications.appeal_closed],
    DecisionOverturned: [trials.learn_from_overturning],
    SpreadingFast: [moderation_live.tell_queue, notifications.spreading_fast],
    WatchWordSeen: [moderation_live.tell_queue, notifications.watch_word_seen],
    MeasureImposed: [notifications.measure_imposed],
    MeasureEnded: [notifications.measure_ended],
    NamesRevealed: [],
    AuditBroken: [playbooks.audit_broken],
    CaseOpened: [playbooks_live.tell_case, notifications.case_opened],
    CaseChanged: [playbooks_live.tell_case],
    StepOverdue: [playbooks_live.tell_case, notifications.step_overdue],
}
AFTER: Subscriptions = {}  # once committed: best effort (the relay is rung after every commit)

# What the names in the outbox carry to browsers when they are told.
MESSAGES = {
    "post.created": posts_live.post_message,
    "post.changed": posts_live.post_message,
    "post.removed": posts_live.removal_message,
    "comment.created": posts_live.comment_message,
    "comment.changed": posts_live.comment_message,
    "comment.removed": posts_live.removal_message,
    "reactions.changed": posts_live.reactions_message,
    "entry.state": posts_live.state_message,
    "queue.changed": moderation_live.queue_message,
    "case.changed": playbooks_live.case_message,
    "space.changed": spaces_live.space_message,
    "notification.created": notifications_live.notification_message,
    "counters": notifications_live.counters_message,
}

# What some names make each process do before telling: ask again who may keep a socket.
CONTROLS = {
    "access.changed": auth_live.reseat_person,
    "gate.changed": gate_live.reseat_everyone,
    "space.changed": spaces_live.reseat_everyone,
}

# Who tells authors what was decided about an entry of theirs.
RULINGS = moderation_queries.ruling_on

# Work that comes back, and after how many seconds.
RECURRING = {
    moderation_jobs.return_expired_items: moderation_jobs.EVERY_SECONDS,
    trials_jobs.watch_rules: trials_jobs.WATCH_SECONDS,
    trials_jobs.find_quiet_rules: 24 * 3_600,
    notifications_jobs.deliver_what_waited: notifications_jobs.EVERY_SECONDS,
    moderation_jobs.end_measures: 60,
    playbooks_jobs.escalate_overdue: playbooks_jobs.EVERY_SECONDS,
    moderation_jobs.weigh_views: 300,
    document_jobs.put_into_force: document_jobs.EVERY_SECONDS,
    learning_jobs.remind_of_acceptance: learning_jobs.EVERY_SECONDS,
    directory_jobs.synchronise_when_due: directory_jobs.LOOK_SECONDS,
    accounts_jobs.end_stays: accounts_jobs.END_SECONDS,
    accounts_jobs.tell_of_ends: accounts_jobs.TELL_SECONDS,
    admin_jobs.remove_loose_files: 3_600,
    admin_jobs.forget_the_old: 3_600,
    admin_jobs.verify_audit: 24 * 3_600,
    labelling_jobs.draw_sample: 24 * 3_600,
    labelling_jobs.learn: 24 * 3_600,
}

# Who may see a file, by what holds it.
HOLDERS = {
    "entry": [posts_policy.files_shown_to, moderation_policy.files_of_cases],
    "kept_back": [posts_policy.files_kept_back_for],
    "person": [posts_policy.photos_shown_to],
    "case": [playbooks_policy.files_of_cases],
}

# Rooms a person's sockets sit in, beside their own.
ROOMS = [spaces_live.rooms, moderation_live.rooms]


# Where those sit who hear what is told to an audience.
AUDIENCES = {
    "space": spaces_live.rooms_of_space,
    "moderators": moderation_live.rooms_of_queue,
}
