"""What is given to whom, over any order of events: never a version twice, none missed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.selection import Key, choose, to_hold

keys = st.builds(
    Key,
    report_id=st.integers(1, 4),
    version=st.integers(1, 4),
    notice=st.sampled_from(["", "", "removed:1"]),
)


@given(st.sets(keys), st.sets(keys))
def test_every_waiting_key_is_given_or_settled(waiting: set[Key], given_before: set[Key]) -> None:
    """Nothing stays on a list by accident."""
    choice = choose(waiting, given_before)
    given_now = {pick.key for pick in choice.give}
    assert given_now | set(choice.drop) == waiting
    assert not given_now & set(choice.drop)
    assert not given_now & given_before


@given(st.sets(keys), st.sets(keys))
def test_dropped_wording_is_covered_by_a_later_one(waiting: set[Key], given_before: set[Key]) -> None:
    """A wording is left out only when the reader has, or now gets, that one or a later one."""
    choice = choose(waiting, given_before)
    has = {pick.key for pick in choice.give} | given_before
    for key in choice.drop:
        if not key.notice:
            assert any(
                one.report_id == key.report_id and not one.notice and one.version >= key.version
                for one in has
            )


class Reader:
    """The rows of one reader's subscriptions, moved as the stores move them."""

    def __init__(self, subscriptions: int) -> None:
        self.rows: list[dict[Key, str]] = [{} for _ in range(subscriptions)]
        self.mails: list[set[Key]] = []

    def hear(self, number: int, key: Key, *, matches: bool) -> None:
        rows = self.rows[number]
        held = {one.report_id for one in rows}
        for one in to_hold([key], {key.report_id} if matches else set(), held):
            rows.setdefault(one, "pending")

    def digest(self, number: int, *, delivered: bool) -> None:
        waiting = {key for key, state in self.rows[number].items() if state in ("pending", "owed")}
        had = {key for rows in self.rows for key, state in rows.items() if state == "sent"}
        choice = choose(waiting, had)
        for key in choice.drop:
            self.rows[number][key] = "dropped"
        told = {pick.key for pick in choice.give}
        for key in told:
            self.rows[number][key] = "sent" if delivered else "owed"
        if delivered and told:
            self.mails.append(told)


@settings(max_examples=400)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("word"), st.integers(1, 3), st.booleans(), st.booleans()),
            st.tuples(st.just("mail"), st.integers(0, 1), st.booleans(), st.booleans()),
        ),
        max_size=40,
    )
)
def test_over_any_order_no_version_comes_twice_and_no_match_is_missed(
    steps: list[tuple[str, int, bool, bool]],
) -> None:
    """Publications, edits, bounces and digests of two searches of one reader, in any order."""
    reader, versions, owed = Reader(2), dict.fromkeys((1, 2, 3), 0), {}
    for what, number, first, second in steps:
        if what == "mail":
            reader.digest(number, delivered=first)
        else:
            versions[number] += 1
            key = Key(report_id=number, version=versions[number])
            reader.hear(0, key, matches=first)
            reader.hear(1, key, matches=second)
            if first or second:
                owed[number] = versions[number]
    for number in (0, 1):
        reader.digest(number, delivered=True)
    told = [key for mail in reader.mails for key in mail]
    assert len(told) == len(set(told))
    for report_id, version in owed.items():
        assert any(key.report_id == report_id and key.version >= version for key in told)
