import socketio
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.rooms import LocalRooms, SharedRooms, room_manager


class Ids:
    """What a manager needs of its server."""

    packet_class = socketio.packet.Packet

    def __init__(self):
        self.eio, self.count = self, 0

    def generate_id(self):
        self.count += 1
        return f"sid{self.count}"


STEPS = st.tuples(
    st.sampled_from(["enter", "leave", "close", "going", "gone"]), st.integers(0, 4), st.sampled_from("abc")
)


@given(st.lists(STEPS, max_size=40))
def test_clients_are_in_the_same_rooms_as_in_the_original(steps):
    managers = [LocalRooms(), socketio.Manager()]
    for manager in managers:
        manager.set_server(Ids())
        for number in range(5):
            manager.connect(f"engine{number}", "/")
    for step, number, room in steps:
        assert play(managers[0], step, number, room) == play(managers[1], step, number, room)
        assert managers[0].rooms == managers[1].rooms
        for client in range(1, 6):
            ours, theirs = (set(manager.get_rooms(f"sid{client}", "/")) for manager in managers)
            assert ours == theirs
    assert managers[0].pending_disconnect == managers[1].pending_disconnect


def play(manager, step, number, room):
    sid = f"sid{number + 1}"
    try:
        if step == "enter":
            manager.enter_room(sid, "/", room)
        elif step == "leave":
            manager.leave_room(sid, "/", room)
        elif step == "close":
            manager.close_room(room, "/")
        elif step == "going" and manager.is_connected(sid, "/"):
            manager.pre_disconnect(sid, "/")
        elif step == "gone":
            manager.disconnect(sid, "/")
    except (KeyError, ValueError) as refusal:
        return type(refusal)
    return manager.is_connected(sid, "/")


def test_nothing_is_remembered_of_who_has_left():
    manager = LocalRooms()
    manager.set_server(Ids())
    sid = manager.connect("engine", "/")
    manager.enter_room(sid, "/", "a")
    manager.disconnect(sid, "/")
    assert (manager.rooms, dict(manager._rooms_of)) == ({}, {})


def test_there_is_a_queue_only_where_one_was_named():
    assert type(room_manager()) is LocalRooms
    shared = room_manager("redis://127.0.0.1:1/0")
    assert isinstance(shared, SharedRooms)
    assert (shared.channel, shared.write_only) == ("flask-socketio", False)
